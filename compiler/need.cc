#include "compiler/need.h"

#include <utility>

#include "absl/algorithm/container.h"

namespace nasc {
namespace {

using ir::Condition;
using ir::Dim;
using ir::Graph;
using ir::Instruction;

// Where an option is taken, or one that no result has: what holds there does not matter, and so the
// options of a result together are everything.
Condition TakesInResult(const ir::Decision& decision, ir::DecisionId id, size_t option) {
  if (decision.kind == ir::Decision::Kind::kSome) {
    return ir::Takes(decision, id, static_cast<int>(option));
  }
  std::vector<Condition> branches;
  for (size_t k = 0; k < decision.options.size(); ++k) {
    branches.emplace_back(k == option || decision.relaxed_only[k]);
  }
  return Condition::Choice({id, -1}, std::move(branches));
}

class NeedWalk {
 public:
  NeedWalk(const Graph& graph, size_t most_nodes, bool& exact)
      : graph_(graph),
        most_nodes_(most_nodes),
        exact_(exact),
        need_(graph.instructions.size(), false) {}

  std::vector<Condition> Walk(const std::vector<std::string>& results) {
    for (const ir::Result& result : graph_.results) {
      if (absl::c_linear_search(results, result.name)) need_[result.value] = Condition(true);
    }
    for (size_t i = graph_.instructions.size(); i-- > 0;) Visit(graph_.instructions[i], need_[i]);
    return std::move(need_);
  }

 private:
  void Visit(const Instruction& instruction, const Condition& need) {
    if (ir::Never(need)) return;
    const std::vector<ir::ValueId>& operands = instruction.operands;
    if (instruction.op == "when_relaxed") return Ask(operands[1], need);
    if (instruction.op == "switch") {
      const Dim& index = std::get<Dim>(*ir::FindAttribute(instruction, "index"));
      for (size_t k = 0; k < operands.size(); ++k) {
        const auto taken = ir::Apply(index, [k](int64_t i) -> absl::StatusOr<int64_t> {
          return i == static_cast<int64_t>(k) ? 1 : 0;
        });
        Ask(operands[k], And(need, taken.ok() ? ir::ToCondition(*taken) : taken.status()));
      }
      return;
    }
    if (instruction.op != "select" && instruction.op != "subset") {
      for (const ir::ValueId operand : operands) Ask(operand, need);
      return;
    }
    const ir::Decision& decision = graph_.decisions[instruction.decision];
    const size_t options = decision.options.size();
    Condition none = need;
    for (size_t k = 0; k < options; ++k) {
      if (decision.relaxed_only[k]) continue;
      const Condition taken = TakesInResult(decision, instruction.decision, k);
      // Taking all of them is no condition.
      const bool all = decision.least == static_cast<int>(options);
      Ask(operands[k], all ? need : And(need, taken));
      none = And(none, ir::Not(taken));
    }
    for (size_t k = options; k < operands.size(); ++k) {
      Ask(operands[k], instruction.labels[k] == "else" ? none : need);
    }
  }

  // Where that has too many nodes, only the second.
  Condition And(const Condition& need, const absl::StatusOr<Condition>& taken) {
    if (!taken.ok()) exact_ = false;
    const Condition second = taken.ok() ? *taken : Condition(true);
    absl::StatusOr<Condition> both = ir::And(need, second, most_nodes_);
    exact_ &= both.ok();
    return both.ok() ? *std::move(both) : second;
  }

  void Ask(ir::ValueId value, const Condition& when) {
    absl::StatusOr<Condition> either = ir::Or(need_[value], when, most_nodes_);
    exact_ &= either.ok();
    need_[value] = either.ok() ? *std::move(either) : Condition(true);
  }

  const Graph& graph_;
  const size_t most_nodes_;
  bool& exact_;
  std::vector<Condition> need_;
};

}  // namespace

std::vector<Condition> NeededWhen(const Graph& graph, const std::vector<std::string>& results,
                                  size_t most_nodes, bool* exact) {
  return NeedWalk(graph, most_nodes, *exact).Walk(results);
}

}  // namespace nasc
