// What the nodes of a cell take: edges, slots, and how they are merged.
#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"
#include "compiler/lower_cell.h"
#include "glog/logging.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnlikeCandidates, "unlike-candidates", kError);
NASC_DIAGNOSTIC(kTakesTooMany, "takes-too-many", kError);
NASC_DIAGNOSTIC(kNothingTaken, "nothing-taken", kError);
NASC_DIAGNOSTIC(kTooManySlots, "too-many-slots", kError);

using ir::ValueId;

constexpr int64_t kMaxSlots = 100;

// What an edge gives, or one of its candidates.
struct EdgeValue {
  absl::string_view edge;
  const std::string* candidate = nullptr;
  const ir::Instruction* value = nullptr;

  std::string Name() const {
    return absl::StrCat(candidate != nullptr ? absl::StrCat("'", *candidate, "' on ") : "",
                        "the edge from '", edge, "'");
  }
};

}  // namespace

std::optional<ValueId> CellLowering::LowerEdge(const std::optional<ast::Chain>& operation,
                                               const Source& source, const std::string& path,
                                               const std::string& decision_path,
                                               const Instance& instance, const Frame& frame) {
  const CellValue& from = instance.values[source.index];
  if (!operation.has_value()) return from.value;
  Frame edge = frame;
  edge.path = path;
  edge.decision_path = decision_path;
  edge.numbers.Set("stride", Whole(from.input ? instance.stride : 1));
  return chains_.Lower(*operation, from.value, std::move(edge));
}

std::optional<ValueId> CellLowering::Merge(const ast::Chain& merge, const std::string& path,
                                           const std::string& decision_path, const Frame& frame,
                                           const CombineRule& combine) {
  const ast::Step& step = merge.steps.front();
  if (step.kind == ast::Step::Kind::kCall) return combine(step.callee.text, path);
  if (step.kind != ast::Step::Kind::kOneOf || !step.inline_set) return std::nullopt;
  ir::Decision decision;
  decision.path = JoinPath(decision_path, step.callee.text.empty() ? "merge" : step.callee.text);
  decision.location = step.location;
  for (const ast::Candidate& candidate : step.candidates) {
    decision.options.push_back(candidate.name.text);
    decision.relaxed_only.push_back(candidate.relaxed);
  }
  const auto id = chains_.FindOrAddDecision(std::move(decision), frame);
  if (!id.has_value()) return std::nullopt;
  ir::Instruction select;
  select.name = path;
  select.op = "select";
  select.decision = *id;
  select.location = step.location;
  for (const ast::Candidate& candidate : step.candidates) {
    const std::string& name = candidate.name.text;
    const auto merged = combine(name, absl::StrCat(path, ".merge.", name));
    if (!merged.has_value()) return std::nullopt;
    select.operands.push_back(*merged);
    select.labels.push_back(name);
  }
  return chains_.Add(std::move(select), frame);
}

std::optional<ValueId> CellLowering::Zeros(ir::TensorType type, const std::string& name,
                                           const Instance& instance, const Location& location,
                                           const Frame& frame) {
  ir::Instruction zeros;
  zeros.name = name;
  zeros.op = "none";
  zeros.operands = {instance.values.front().value};
  zeros.attributes = {{"filters", type.dims.size() > 1 ? type.dims[1] : ir::Dim(1)},
                      {"stride", ir::Dim(instance.stride)}};
  zeros.location = location;
  const auto value = chains_.Add(std::move(zeros), frame);
  if (!value.has_value()) return std::nullopt;
  if (ir::Agree(graph_.instruction(*value).type, type)) return value;
  diagnostics_
      .Report(kNothingTaken, location,
              absl::StrCat("where no edge is taken, zeros of ", ir::Print(type, graph_),
                           " are needed, which the cell's first input does not give"))
      .fix = "say what is taken then: `... of earlier else <value>`";
  return std::nullopt;
}

std::optional<ValueId> CellLowering::LowerEdges(const ast::NodeDecl& node, const std::string& name,
                                                Instance& instance, const Frame& frame) {
  using Take = ast::Edges::Take;
  const ast::Edges& edges = *node.edges;
  const std::string path = JoinPath(instance.frame.path, name);
  const auto lower = [&](const Source& source, const Frame& in) {
    return LowerEdge(edges.operation, source, absl::StrCat(path, ".", source.name),
                     absl::StrCat(frame.decision_path, ".", source.name), instance, in);
  };
  std::optional<ValueId> previous;
  if (edges.previous) {
    const size_t last = instance.values.size() - 1;
    previous = lower({instance.values[last].name, last}, frame);
    if (!previous.has_value()) return std::nullopt;
    instance.taken.push_back({last, frame.alive});
  }
  std::vector<Source> sources =
      edges.source.has_value() ? SourcesOf(*edges.source, instance) : std::vector<Source>();
  if (edges.previous) {
    // It is taken anyway.
    sources.erase(std::remove_if(sources.begin(), sources.end(),
                                 [&](const Source& source) {
                                   return source.index == instance.values.size() - 1;
                                 }),
                  sources.end());
  }
  const auto count = static_cast<int64_t>(sources.size());
  ir::Decision decision;
  decision.path = JoinPath(frame.decision_path, "edges");
  decision.kind = ir::Decision::Kind::kSome;
  decision.location = edges.location;
  decision.least = 0;
  decision.most = static_cast<int>(count);
  if (edges.take == Take::kSome) {
    const auto least = chains_.evaluator().EvaluateWhole(*edges.least, 0, frame.numbers);
    const auto most = edges.most.has_value()
                          ? chains_.evaluator().EvaluateWhole(*edges.most, 0, frame.numbers)
                          : least;
    if (!least.has_value() || !most.has_value()) return std::nullopt;
    if (*most > count || *least > *most) {
      diagnostics_.Report(
          kTakesTooMany, edges.least->location,
          absl::StrCat("node '", name, "' takes ", std::max(*least, *most), " edges; only ", count,
                       count == 1 ? " value" : " values", " of the cell came before it"));
      return std::nullopt;
    }
    decision.least = static_cast<int>(*least);
    decision.most = static_cast<int>(*most);
  }
  // Nothing to decide: all of them, or none is there.
  const bool decided = (edges.take == Take::kSome || edges.take == Take::kAny) && count > 0;
  std::optional<ir::DecisionId> id;
  for (const Source& source : sources) {
    decision.options.push_back(source.name);
    decision.relaxed_only.push_back(false);
  }
  if (decided) {
    id = chains_.FindOrAddDecision(decision, frame);
    if (!id.has_value()) return std::nullopt;
  }
  std::vector<ValueId> operands;
  for (size_t i = 0; i < sources.size(); ++i) {
    Frame in = frame;
    if (decided) {
      const auto alive = chains_.Taking(decision, *id, i, edges.location, frame);
      if (!alive.has_value()) return std::nullopt;
      in.alive = *alive;
    }
    const auto operand = lower(sources[i], in);
    if (!operand.has_value()) return std::nullopt;
    operands.push_back(*operand);
    instance.taken.push_back({sources[i].index, in.alive});
  }
  std::optional<ValueId> otherwise;
  const bool may_be_empty =
      !previous.has_value() && (!decided || decision.least == 0) && (decided || operands.empty());
  if (edges.otherwise.has_value() && may_be_empty) {
    const auto value = absl::c_find_if(
        instance.values, [&](const CellValue& v) { return v.name == edges.otherwise->text; });
    if (value == instance.values.end()) return std::nullopt;  // the checker reports it
    const auto index = static_cast<size_t>(value - instance.values.begin());
    otherwise = LowerEdge(edges.operation, {value->name, index}, absl::StrCat(path, ".else"),
                          absl::StrCat(frame.decision_path, ".else"), instance, frame);
    if (!otherwise.has_value()) return std::nullopt;
  }
  if (!decided) {
    if (previous.has_value()) operands.push_back(*previous);
    if (operands.empty() && otherwise.has_value()) operands.push_back(*otherwise);
    if (operands.empty()) {
      diagnostics_
          .Report(kNothingTaken, edges.location,
                  absl::StrCat("node '", name, "' has nothing that it could take"))
          .fix = "say what is taken then: `... else <value>`";
      return std::nullopt;
    }
    if (!node.merge.has_value()) return operands.front();
    return Merge(
        *node.merge, path, frame.decision_path, frame,
        [&](const std::string& combiner, const std::string& called) -> std::optional<ValueId> {
          ir::Instruction merged;
          merged.name = called;
          merged.op = combiner;
          merged.operands = operands;
          merged.labels = decision.options;
          merged.location = edges.location;
          merged.labels.resize(operands.size(), "previous");
          merged.combiner = combiner;
          if (combiner != "concat" && !EdgesMeet(merged)) return std::nullopt;
          return chains_.Combine(combiner, operands, called, edges.location, frame);
        });
  }
  return Merge(
      *node.merge, path, frame.decision_path, frame,
      [&](const std::string& combiner, const std::string& called) -> std::optional<ValueId> {
        ir::Instruction subset;
        subset.name = called;
        subset.op = "subset";
        subset.decision = *id;
        subset.labels = decision.options;
        subset.operands = operands;
        subset.combiner = combiner;
        subset.location = edges.location;
        if (previous.has_value()) {
          subset.labels.emplace_back("and");
          subset.operands.push_back(*previous);
        } else if (otherwise.has_value()) {
          subset.labels.emplace_back("else");
          subset.operands.push_back(*otherwise);
        } else if (decision.least == 0 && combiner != "concat") {
          const auto zeros = Zeros(graph_.instruction(operands.front()).type, called + ".else",
                                   instance, edges.location, frame);
          if (!zeros.has_value()) return std::nullopt;
          subset.labels.emplace_back("else");
          subset.operands.push_back(*zeros);
        }
        if (combiner != "concat" && !EdgesMeet(subset)) return std::nullopt;
        return chains_.Add(std::move(subset), frame);
      });
}

std::optional<ValueId> CellLowering::LowerSlots(const ast::NodeDecl& node, const std::string& name,
                                                Instance& instance, Frame& frame) {
  const ast::Slots& slots = *node.slots;
  const auto count = chains_.evaluator().EvaluateWhole(slots.count, 1, frame.numbers);
  if (!count.has_value()) return std::nullopt;
  if (*count > kMaxSlots) {
    diagnostics_.Report(kTooManySlots, slots.count.location,
                        absl::StrCat(*count, " slots; a node has at most ", kMaxSlots));
    return std::nullopt;
  }
  const std::vector<Source> sources = SourcesOf(slots.source, instance);
  if (sources.empty()) {
    diagnostics_.Report(kNothingTaken, slots.source.location,
                        absl::StrCat("node '", name, "' has nothing that it could take"));
    return std::nullopt;
  }
  const std::string path = JoinPath(instance.frame.path, name);
  std::vector<ValueId> picked;
  for (int64_t k = 0; k < *count; ++k) {
    const bool named = k < static_cast<int64_t>(slots.names.size());
    const std::string slot = named ? slots.names[k].text : absl::StrCat("slot", k);
    const std::string decision_path = JoinPath(frame.decision_path, slot);
    ir::Decision decision;
    decision.path = JoinPath(decision_path, "from");
    decision.location = slots.location;
    for (const Source& source : sources) {
      decision.options.push_back(source.name);
      decision.relaxed_only.push_back(false);
    }
    const auto id = chains_.FindOrAddDecision(decision, frame);
    if (!id.has_value()) return std::nullopt;
    ir::Instruction select;
    select.name = JoinPath(path, slot);
    select.op = "select";
    select.decision = *id;
    select.labels = decision.options;
    select.location = slots.location;
    for (size_t i = 0; i < sources.size(); ++i) {
      // The decisions of a slot are the same wherever it takes its value from.
      const auto operand =
          LowerEdge(slots.operation, sources[i], absl::StrCat(select.name, ".", sources[i].name),
                    decision_path, instance, frame);
      if (!operand.has_value()) return std::nullopt;
      select.operands.push_back(*operand);
      const auto when = chains_.Taking(decision, *id, i, slots.location, frame);
      if (!when.has_value()) return std::nullopt;
      instance.taken.push_back({sources[i].index, *when});
    }
    if (!EdgesMeet(select)) return std::nullopt;
    const auto value = chains_.Add(std::move(select), frame);
    if (!value.has_value()) return std::nullopt;
    picked.push_back(*value);
    if (named) frame.values[slot] = *value;
  }
  if (!node.merge.has_value()) return picked.front();
  return Merge(*node.merge, path, frame.decision_path, frame,
               [&](const std::string& combiner, const std::string& called) {
                 return chains_.Combine(combiner, picked, called, slots.location, frame);
               });
}

bool CellLowering::EdgesMeet(const ir::Instruction& merged) {
  std::vector<EdgeValue> values;
  for (size_t e = 0; e < merged.operands.size(); ++e) {
    const ir::Instruction& edge = graph_.instruction(merged.operands[e]);
    const bool choice = edge.op == "select" && edge.labels.size() == edge.operands.size();
    const size_t options = choice ? edge.operands.size() : 1;
    for (size_t i = 0; i < options; ++i) {
      const ir::Instruction& result = choice ? graph_.instruction(edge.operands[i]) : edge;
      // Shapes that decisions change are compared as a whole.
      if (absl::c_any_of(result.type.dims, [](const ir::Dim& dim) { return dim.is_open(); })) {
        return true;
      }
      // What drops a path has the shape of what it drops.
      const ir::Instruction& value =
          result.op == "drop_path" ? graph_.instruction(result.operands[0]) : result;
      values.push_back({merged.labels[e], choice ? &edge.labels[i] : nullptr, &value});
    }
  }
  // Of slots, unlike shapes may follow from what they take.
  if (merged.combiner.empty()) return true;
  const bool all_equal = absl::c_all_of(values, [&](const EdgeValue& other) {
    return other.value->type == values.front().value->type;
  });
  if (all_equal) return true;
  std::vector<std::string> types;
  std::map<std::string, int> votes;
  for (const EdgeValue& of : values) ++votes[types.emplace_back(ir::Print(of.value->type, graph_))];
  const auto usual = absl::c_max_element(
      types, [&](const std::string& a, const std::string& b) { return votes[a] < votes[b]; });
  const auto unlike =
      absl::c_find_if(types, [&](const std::string& type) { return type != *usual; });
  const EdgeValue& wrong = values[unlike - types.begin()];
  diagnostics_
      .Report(kUnlikeCandidates, wrong.value->location,
              absl::StrCat(wrong.Name(), " gives ", *unlike, ", ",
                           values[usual - types.begin()].Name(), " gives ", *usual))
      .notes.push_back(
          {merged.location, absl::StrCat("the edges of ", merged.name, " are merged by `",
                                         merged.combiner, "` at scale ", graph_.scale)});
  return false;
}

}  // namespace nasc
