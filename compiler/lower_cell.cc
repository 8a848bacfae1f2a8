#include "compiler/lower_cell.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNoWidth, "no-width", kError);
NASC_DIAGNOSTIC(kUnlikeInputs, "unlike-inputs", kError);
NASC_DIAGNOSTIC(kTooManyNodes, "too-many-nodes", kError);
NASC_DIAGNOSTIC(kSameName, "same-name", kError);
NASC_DIAGNOSTIC(kOpenFamily, "open-family", kError);

using ir::ValueId;

constexpr int64_t kMaxNodes = 1000;

}  // namespace

const ir::Dim& CellLowering::Size(ValueId value, int axis) const {
  return graph_.instruction(value).type.dims[axis];
}

// The width of a cell is what its operations produce. A cell of features may have none.
bool CellLowering::SetWidth(const ast::Step& step, Frame& frame) {
  const NumberDiagram* width = frame.numbers.Find("width");
  if (width == nullptr) return true;
  const auto whole = ir::Apply<int64_t, Number, Number>(
      *width, Whole(0), [](const Number& number, const Number&) -> absl::StatusOr<int64_t> {
        if (number.is_number() && number.value.is_whole() && Rational(1) <= number.value) {
          return number.value.numerator();
        }
        return absl::InvalidArgumentError(
            absl::StrCat("the width of a cell is a whole number, found ", ToString(number)));
      });
  if (!whole.ok()) {
    diagnostics_.Report(kNoWidth, step.location, std::string(whole.status().message()));
    return false;
  }
  frame.numbers.Set("filters", *width);
  return true;
}

bool CellLowering::AddInputs(const std::vector<ValueId>& outputs, Instance& instance) {
  const std::vector<ast::CellInput>& inputs = *instance.cell.inputs;
  // The cell's last input is the last output, the one before it the output before; the first cell
  // takes the stem for both.
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t back = inputs.size() - i;
    const ValueId output = outputs[outputs.size() - std::min(back, outputs.size())];
    const std::string& name = inputs[i].name.text;
    if (!inputs[i].each) {
      instance.values.push_back({name, output, "", ir::Condition(true), true});
      continue;
    }
    const ir::TensorType type = graph_.instruction(output).type;  // the graph grows
    if (type.dims.size() != 2 || !type.dims[1].is_constant() || type.dims[1].value() > kMaxNodes) {
      diagnostics_.Report(kUnlikeInputs, inputs[i].name.location,
                          absl::StrCat("`each` needs up to ", kMaxNodes,
                                       " features, the cell is given ", ir::Print(type, graph_)));
      return false;
    }
    for (int64_t feature = 0; feature < type.dims[1].value(); ++feature) {
      ir::Instruction column;
      column.name = absl::StrCat(instance.frame.path, ".", name, feature);
      column.op = "column";
      column.operands = {output};
      column.attributes = {{"index", ir::Dim(feature)}};
      column.location = inputs[i].name.location;
      const auto value = chains_.Add(std::move(column), instance.frame);
      if (!value.has_value()) return false;
      instance.values.push_back(
          {absl::StrCat(name, feature), *value, name, ir::Condition(true), true});
    }
  }
  return true;
}

bool CellLowering::Adapt(Instance& instance) {
  const Cell& cell = instance.cell;
  const Frame& frame = instance.frame;
  if (cell.adapt == nullptr) return true;
  for (const CellValue& input : instance.values) {
    const ir::TensorType& type = graph_.instruction(input.value).type;
    if (type.dims.size() == 4) continue;
    diagnostics_.Report(kUnlikeInputs, cell.adapt->location,
                        absl::StrCat("`adapt` needs images, input '", input.name, "' is ",
                                     ir::Print(type, graph_)));
    return false;
  }
  const NumberDiagram* filters = frame.numbers.Find("filters");
  if (filters == nullptr) {
    diagnostics_.Report(kNoWidth, cell.adapt->location,
                        absl::StrCat("scale ", graph_.scale, " sets no `width` for its cells"));
    return false;
  }
  const auto width = ir::Apply<int64_t, Number, Number>(
      *filters, Whole(0),
      [](const Number& n, const Number&) { return absl::StatusOr<int64_t>(n.value.numerator()); });
  const ValueId last = instance.values.back().value;
  const ir::TensorType target{{ir::Dim::Batch(), ir::Dim(*width), Size(last, 2), Size(last, 3)}};
  for (CellValue& input : instance.values) {
    Frame adapt = frame;
    adapt.path = absl::StrCat(frame.path, ".adapt.", input.name);
    adapt.decision_path = absl::StrCat(frame.decision_path, ".adapt.", input.name);
    adapt.module = cell.module;
    NumberDiagram same = Truth(true);
    for (const int axis : {2, 3}) {
      const auto equal =
          ir::Apply(Size(input.value, axis), target.dims[axis],
                    [](int64_t a, int64_t b) -> absl::StatusOr<int64_t> { return a == b ? 1 : 0; });
      if (!equal.ok()) continue;
      same = *ir::Apply<Number, Number, int64_t>(
          same, *equal->ToDiagram(), [](const Number& a, int64_t b) {
            return absl::StatusOr<Number>(Number::Truth(a.truth && b != 0));
          });
    }
    adapt.numbers.Set("same_size", same);
    const std::optional<ValueId> adapted =
        chains_.Lower(*cell.adapt, input.value, std::move(adapt));
    if (!adapted.has_value()) return false;
    const ir::TensorType& type = graph_.instruction(*adapted).type;
    ir::Assignment where;
    if (!ir::Agree(type, target, &where)) {
      Diagnostic& diagnostic = diagnostics_.Report(
          kUnlikeInputs, cell.adapt->location,
          absl::StrCat("`adapt` makes ", ir::Print(type, graph_), " of input '", input.name,
                       "'; the cell needs ", ir::Print(target, graph_)));
      diagnostic.notes.push_back(
          {Location{}, absl::StrCat("at ", frame.path, " of scale ", graph_.scale)});
      AddCounterexample(where, graph_.decisions, diagnostic);
      return false;
    }
    input.value = *adapted;
  }
  return true;
}

std::optional<ValueId> CellLowering::Lower(const ast::Step& step,
                                           const std::vector<ValueId>& outputs, Frame frame) {
  const std::optional<Cell> cell = ResolveCell(*frame.module, step.callee.text);
  if (!cell.has_value()) return std::nullopt;  // the checker reports it
  if (!SetWidth(step, frame)) return std::nullopt;
  frame.module = cell->module;
  frame.decision_path = cell->name;
  frame.values.clear();
  if (!chains_.LowerChooses(cell->chooses, frame)) return std::nullopt;
  Instance instance{*cell, std::move(frame), 1, {}, {}};
  if (cell->stride != nullptr) {
    const auto given = chains_.evaluator().EvaluateWhole(*cell->stride, 1, instance.frame.numbers);
    if (!given.has_value()) return std::nullopt;
    instance.stride = *given;
  }
  if (!AddInputs(outputs, instance) || !Adapt(instance)) return std::nullopt;
  const bool images = absl::c_any_of(instance.values, [&](const CellValue& input) {
    return graph_.instruction(input.value).type.dims.size() == 4;
  });
  if (images && !instance.frame.numbers.Has("filters")) {
    diagnostics_.Report(kNoWidth, step.location,
                        absl::StrCat("scale ", graph_.scale, " sets no `width` for its cells"));
    return std::nullopt;
  }
  for (const ast::NodeDecl* node : cell->nodes) {
    if (!LowerFamily(*node, instance)) return std::nullopt;
  }
  return LowerOutput(instance);
}

bool CellLowering::LowerFamily(const ast::NodeDecl& node, Instance& instance) {
  const Cell& cell = instance.cell;
  const auto number = [&](const std::optional<ast::Expr>& expr) -> std::optional<int64_t> {
    if (!expr.has_value()) return 1;
    return chains_.evaluator().EvaluateWhole(*expr, 1, instance.frame.numbers);
  };
  const auto least = number(node.count);
  const auto most = node.most.has_value() ? number(node.most) : least;
  if (!least.has_value() || !most.has_value()) return false;
  if (*most > kMaxNodes) {
    diagnostics_.Report(kTooManyNodes, node.count->location,
                        absl::StrCat(*most, " nodes; a cell has at most ", kMaxNodes));
    return false;
  }
  if (*most < *least || (*most > *least && &node != cell.nodes.back())) {
    diagnostics_.Report(kOpenFamily, node.name.location,
                        *most < *least
                            ? absl::StrCat("a range of nodes from ", *least, " up to ", *most)
                            : absl::StrCat("how many nodes '", node.name.text,
                                           "' has is a decision: no other nodes can follow"));
    return false;
  }
  // `n[1..20]`: how many there are is a decision, named like the family.
  std::optional<ir::DecisionId> count;
  ir::Decision decision;
  if (*most > *least) {
    decision.path = JoinPath(instance.frame.decision_path, node.name.text);
    decision.location = node.name.location;
    for (int64_t n = *least; n <= *most; ++n) {
      decision.options.push_back(absl::StrCat(n));
      decision.relaxed_only.push_back(false);
    }
    count = chains_.FindOrAddDecision(decision, instance.frame);
    if (!count.has_value()) return false;
  }
  for (int64_t i = 0; i < *most; ++i) {
    const std::string name = NodeName(node, static_cast<int>(i));
    if (absl::c_any_of(instance.values, [&](const CellValue& v) { return v.name == name; })) {
      diagnostics_.Report(kSameName, node.name.location,
                          absl::StrCat("cell '", cell.name, "' has two values '", name,
                                       "': one of them is node ", i, " of '", node.name.text, "'"));
      return false;
    }
    Frame frame = instance.frame;
    if (i >= *least) {
      std::vector<ir::Condition> branches;
      for (int64_t n = *least; n <= *most; ++n) branches.emplace_back(n > i);
      const auto alive =
          chains_.Both(frame.alive, ir::Condition::Choice({*count, -1}, std::move(branches)),
                       node.name.location);
      if (!alive.has_value()) return false;
      frame.alive = *alive;
    }
    const ir::Condition alive = frame.alive;
    const auto value = LowerNode(node, name, instance, std::move(frame));
    if (!value.has_value()) return false;
    instance.values.push_back({name, *value, node.name.text, alive, false});
  }
  return true;
}

std::optional<ValueId> CellLowering::LowerNode(const ast::NodeDecl& node, const std::string& name,
                                               Instance& instance, Frame frame) {
  const std::string path = JoinPath(frame.path, name);
  frame.decision_path = JoinPath(frame.decision_path, name);
  std::vector<const ast::Choose*> chooses;
  for (const ast::Choose& choose : node.chooses) chooses.push_back(&choose);
  if (!chains_.LowerChooses(chooses, frame)) return std::nullopt;
  std::optional<ValueId> value;
  if (node.edges.has_value()) {
    value = LowerEdges(node, name, instance, frame);
  } else if (node.slots.has_value()) {
    value = LowerSlots(node, name, instance, frame);
  }
  if (!value.has_value() || !node.then.has_value()) return value;
  frame.path = JoinPath(path, "then");
  frame.numbers.Set("stride", Whole(1));
  return chains_.Lower(*node.then, *value, std::move(frame));
}

std::vector<CellLowering::Source> CellLowering::SourcesOf(const ast::Source& source,
                                                          const Instance& instance) const {
  std::vector<Source> sources;
  const size_t count = instance.values.size();
  const size_t end = source.kind == ast::Source::Kind::kBeforePrevious ? count - 1 : count;
  for (size_t i = 0; i < end; ++i) {
    const CellValue& value = instance.values[i];
    const bool listed = source.kind != ast::Source::Kind::kList ||
                        absl::c_any_of(source.names, [&](const ast::Identifier& name) {
                          return name.text == value.name || name.text == value.family;
                        });
    if (listed) sources.push_back({value.name, i});
  }
  return sources;
}

}  // namespace nasc
