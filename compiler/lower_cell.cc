#include "compiler/lower_cell.h"

#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/evaluate.h"
#include "compiler/ir/printer.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNoWidth, "no-width", kError);
NASC_DIAGNOSTIC(kUnlikeCandidates, "unlike-candidates", kError);
NASC_DIAGNOSTIC(kUnlikeInputs, "unlike-inputs", kError);
NASC_DIAGNOSTIC(kTakesTooMany, "takes-too-many", kError);
NASC_DIAGNOSTIC(kTooManyNodes, "too-many-nodes", kError);
NASC_DIAGNOSTIC(kSameName, "same-name", kError);

using ir::ValueId;

constexpr int64_t kMaxNodes = 1000;

struct EdgeValue {
  std::string name;
  std::string type;
  Location location;
};

}  // namespace

const ir::Dim& CellLowering::Size(ValueId value, int axis) const {
  return graph_.instruction(value).type.dims[axis];
}

bool CellLowering::Adapt(const Cell& cell, NamedValues& inputs, const Frame& frame) {
  if (cell.adapt == nullptr) return true;
  for (const auto& [name, value] : inputs) {
    const ir::TensorType& type = graph_.instruction(value).type;
    if (type.dims.size() == 4) continue;
    diagnostics_.Report(
        kUnlikeInputs, cell.adapt->location,
        absl::StrCat("`adapt` needs images, input '", name, "' is ", ir::Print(type, graph_)));
    return false;
  }
  const ValueId last = inputs.back().second;
  const ir::TensorType target{{ir::Dim::Batch(), frame.numbers.at("filters").value.numerator(),
                               Size(last, 2), Size(last, 3)}};
  for (auto& [name, value] : inputs) {
    Frame adapt = frame;
    adapt.path = absl::StrCat(frame.path, ".adapt.", name);
    adapt.decision_path = absl::StrCat(cell.name, ".adapt.", name);
    adapt.module = cell.module;
    const bool same = Size(value, 2) == target.dims[2] && Size(value, 3) == target.dims[3];
    adapt.numbers["same_size"] = Number::Truth(same);
    const std::optional<ValueId> adapted = chains_.Lower(*cell.adapt, value, adapt);
    if (!adapted.has_value()) return false;
    const ir::TensorType& type = graph_.instruction(*adapted).type;
    if (type != target) {
      diagnostics_
          .Report(kUnlikeInputs, cell.adapt->location,
                  absl::StrCat("`adapt` makes ", ir::Print(type, graph_), " of input '", name,
                               "'; the cell needs ", ir::Print(target, graph_)))
          .notes.push_back(
              {Location{}, absl::StrCat("at ", frame.path, " of scale ", graph_.scale)});
      return false;
    }
    value = *adapted;
  }
  return true;
}

std::optional<ValueId> CellLowering::Lower(const ast::Step& step,
                                           const std::vector<ValueId>& outputs, Frame frame) {
  const std::optional<Cell> cell = ResolveCell(*frame.module, step.callee.text);
  if (!cell.has_value()) return std::nullopt;  // the checker reports it
  const auto width = frame.numbers.find("width");
  if (width == frame.numbers.end() || !width->second.value.is_whole() ||
      width->second.value < Rational(1)) {
    diagnostics_.Report(kNoWidth, step.location,
                        width == frame.numbers.end()
                            ? absl::StrCat("scale ", graph_.scale, " sets no `width` for its cells")
                            : absl::StrCat("the width of a cell is a whole number, found ",
                                           ToString(width->second)));
    return std::nullopt;
  }
  frame.numbers["filters"] = width->second;
  frame.module = cell->module;
  int64_t stride = 1;
  if (cell->stride != nullptr) {
    const auto given = EvaluateWhole(*cell->stride, 1, frame.numbers, diagnostics_);
    if (!given.has_value()) return std::nullopt;
    stride = *given;
  }
  // The cell's last input is the last output, the one before it the output before; the first cell
  // takes the stem for both.
  NamedValues values;
  for (size_t i = 0; i < cell->inputs.size(); ++i) {
    const size_t back = cell->inputs.size() - i;
    values.emplace_back(cell->inputs[i], outputs[outputs.size() - std::min(back, outputs.size())]);
  }
  if (!Adapt(*cell, values, frame)) return std::nullopt;
  const size_t input_count = values.size();
  std::map<std::string, std::vector<ValueId>> families;
  for (const ast::NodeDecl* node : cell->nodes) {
    const auto count = EvaluateWhole(node->count, 1, frame.numbers, diagnostics_);
    if (!count.has_value()) return std::nullopt;
    if (*count > kMaxNodes) {
      diagnostics_.Report(kTooManyNodes, node->count.location,
                          absl::StrCat(*count, " nodes; a cell has at most ", kMaxNodes));
      return std::nullopt;
    }
    for (int64_t i = 0; i < *count; ++i) {
      const std::string name = NodeName(*node, static_cast<int>(i));
      if (absl::c_any_of(values, [&](const auto& value) { return value.first == name; })) {
        diagnostics_.Report(
            kSameName, node->name.location,
            absl::StrCat("cell '", cell->name, "' has two values '", name,
                         "': one of them is node ", i, " of '", node->name.text, "'"));
        return std::nullopt;
      }
      const auto value = LowerNode(*cell, *node, name, values, input_count, stride, frame);
      if (!value.has_value()) return std::nullopt;
      values.emplace_back(name, *value);
      families[node->name.text].push_back(*value);
    }
  }
  const ast::Step& output = cell->output->steps.front();
  std::vector<ValueId> parts;
  for (const ast::Arg& arg : output.args) {
    const std::vector<ValueId>& family = families[arg.expr->text];
    parts.insert(parts.end(), family.begin(), family.end());
  }
  return chains_.Combine(output.callee.text, std::move(parts), JoinPath(frame.path, "output"),
                         output.location, frame);
}

std::optional<ValueId> CellLowering::LowerNode(const Cell& cell, const ast::NodeDecl& node,
                                               const std::string& name, const NamedValues& earlier,
                                               size_t input_count, int64_t stride,
                                               const Frame& frame) {
  const auto take = EvaluateWhole(node.edges.take, 1, frame.numbers, diagnostics_);
  if (!take.has_value()) return std::nullopt;
  if (*take > static_cast<int64_t>(earlier.size())) {
    diagnostics_.Report(
        kTakesTooMany, node.edges.take.location,
        absl::StrCat("node '", name, "' takes ", *take, " edges; only ", earlier.size(),
                     earlier.size() == 1 ? " value" : " values", " of the cell came before it"));
    return std::nullopt;
  }
  ir::Decision decision;
  decision.path = absl::StrCat(cell.name, ".", name, ".edges");
  decision.kind = ir::Decision::Kind::kSubset;
  decision.take = static_cast<int>(*take);
  decision.location = node.edges.location;
  for (const auto& [source, value] : earlier) {
    decision.options.push_back(source);
    decision.relaxed_only.push_back(false);
  }
  ir::Instruction subset;
  subset.name = JoinPath(frame.path, name);
  subset.op = "subset";
  subset.labels = decision.options;
  subset.combiner = node.merge.steps.front().callee.text;
  subset.location = node.edges.location;
  const auto id = chains_.FindOrAddDecision(std::move(decision), frame);
  if (!id.has_value()) return std::nullopt;
  subset.decision = *id;
  for (size_t i = 0; i < earlier.size(); ++i) {
    const auto& [source, value] = earlier[i];
    Frame edge = frame;
    edge.path = absl::StrCat(frame.path, ".", name, ".", source);
    edge.decision_path = absl::StrCat(cell.name, ".", name, ".", source);
    edge.parent = subset.decision;
    edge.parent_option = static_cast<int>(i);
    edge.numbers["stride"] = Number::Of(i < input_count ? stride : 1);
    const std::optional<ValueId> result = chains_.Lower(node.edges.operation, value, edge);
    if (!result.has_value()) return std::nullopt;
    subset.operands.push_back(*result);
  }
  if (!EdgesMeet(subset)) return std::nullopt;
  return chains_.Add(std::move(subset), frame);
}

bool CellLowering::EdgesMeet(const ir::Instruction& subset) {
  std::vector<EdgeValue> values;
  std::map<std::string, int> votes;
  for (size_t e = 0; e < subset.operands.size(); ++e) {
    const ir::Instruction& edge = graph_.instruction(subset.operands[e]);
    const bool choice = edge.op == "select";
    const size_t options = choice ? edge.operands.size() : 1;
    for (size_t i = 0; i < options; ++i) {
      const ir::Instruction& result = choice ? graph_.instruction(edge.operands[i]) : edge;
      // What drops a path has the shape of what it drops.
      const ir::Instruction& value =
          result.op == "drop_path" ? graph_.instruction(result.operands[0]) : result;
      values.push_back({absl::StrCat(choice ? absl::StrCat("'", edge.labels[i], "' on ") : "",
                                     "the edge from '", subset.labels[e], "'"),
                        ir::Print(value.type, graph_), value.location});
      ++votes[values.back().type];
    }
  }
  const auto usual = absl::c_max_element(values, [&](const EdgeValue& a, const EdgeValue& b) {
    return votes[a.type] < votes[b.type];
  });
  for (const EdgeValue& value : values) {
    if (value.type == usual->type) continue;
    diagnostics_
        .Report(kUnlikeCandidates, value.location,
                absl::StrCat(value.name, " gives ", value.type, ", ", usual->name, " gives ",
                             usual->type))
        .notes.push_back(
            {subset.location, absl::StrCat("the edges of ", subset.name, " are merged by `",
                                           subset.combiner, "` at scale ", graph_.scale)});
    return false;
  }
  return true;
}

}  // namespace nasc
