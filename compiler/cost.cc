#include "compiler/cost.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/primitives.h"

namespace nasc {
namespace {

using ir::Condition;
using ir::Dim;
using ir::Graph;
using ir::Instruction;

constexpr int64_t kBytes = 4;  // of a float32

// Instructions that name a value and make none.
bool MakesNothing(const Instruction& instruction) {
  static const auto* const ops = new std::vector<std::string>{
      "select", "switch", "assume", "when_relaxed", "identity", "absent", "logits", "softmax"};
  return absl::c_linear_search(*ops, instruction.op);
}

Dim Elements(const ir::TensorType& type) {
  Dim count = 1;
  for (const Dim& dim : type.dims) {
    if (!dim.is_batch()) count = count * dim;
  }
  return count;
}

// The value where an instruction is asked for, 0 elsewhere.
Dim Where(const Condition& need, const Dim& value) {
  if (need.is_leaf()) return need.maybe_leaf().value_or(false) ? value : Dim(0);
  return ir::Switch(ir::FromCondition(need), {Dim(0), value});
}

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

// Which architectures ask for each instruction. Where that depends on too much, all do, and `exact`
// becomes false.
class NeedWalk {
 public:
  NeedWalk(const Graph& graph, bool& exact)
      : graph_(graph), exact_(exact), need_(graph.instructions.size(), false) {}

  std::vector<Condition> Walk(const std::vector<std::string>& results) {
    for (const ir::Result& result : graph_.results) {
      if (absl::c_linear_search(results, result.name)) need_[result.value] = Condition(true);
    }
    for (size_t i = graph_.instructions.size(); i-- > 0;) Visit(graph_.instructions[i], need_[i]);
    return std::move(need_);
  }

 private:
  void Visit(const Instruction& instruction, const Condition& need) {
    if (need.is_leaf() && !need.maybe_leaf().value_or(false)) return;
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
    absl::StatusOr<Condition> none = need;
    for (size_t k = 0; k < options; ++k) {
      if (decision.relaxed_only[k]) continue;
      const Condition taken = TakesInResult(decision, instruction.decision, k);
      // Taking all of them is no condition.
      const bool all = decision.least == static_cast<int>(options);
      Ask(operands[k], all ? absl::StatusOr<Condition>(need) : And(need, taken));
      if (none.ok()) none = And(*none, ir::Not(taken));
    }
    for (size_t k = options; k < operands.size(); ++k) {
      Ask(operands[k], instruction.labels[k] == "else" ? none : absl::StatusOr<Condition>(need));
    }
  }

  static absl::StatusOr<Condition> And(const Condition& a, const absl::StatusOr<Condition>& b) {
    if (!b.ok()) return b;
    return ir::And(a, *b);
  }

  void Ask(ir::ValueId value, const absl::StatusOr<Condition>& when) {
    absl::StatusOr<Condition> both = when.ok() ? ir::Or(need_[value], *when) : when;
    if (!both.ok()) {
      exact_ = false;
      both = Condition(true);
    }
    need_[value] = *both;
  }

  const Graph& graph_;
  bool& exact_;
  std::vector<Condition> need_;
};

// A weight of which there are several parts is one, of the instruction that has the first.
class WeightCount {
 public:
  explicit WeightCount(const Graph& graph) : graph_(graph) {}

  Dim Of(const Instruction& instruction) {
    Dim weights = 0;
    for (const ir::ParamId id : instruction.params) {
      const ir::Param& param = graph_.params[id];
      if (param.role != ir::Param::Role::kWeight) continue;
      if (param.whole_name.empty()) {
        weights = weights + Elements(param.type);
      } else if (counted_.insert(param.whole_name).second) {
        weights = weights + Elements(param.whole);
      }
    }
    return weights;
  }

 private:
  const Graph& graph_;
  absl::flat_hash_set<std::string> counted_;
};

Dim MacsOf(const Graph& graph, const Instruction& instruction) {
  const MacsRule macs = FindPrimitive(instruction.op)->macs;
  return macs != nullptr ? macs(graph, instruction) : Dim(0);
}

Dim ActivationsOf(const Instruction& instruction) {
  return MakesNothing(instruction) ? Dim(0) : Elements(instruction.type) * Dim(kBytes);
}

}  // namespace

ir::Graph KeepResults(ir::Graph graph, const std::vector<std::string>& results) {
  graph.results.erase(std::remove_if(graph.results.begin(), graph.results.end(),
                                     [&](const ir::Result& result) {
                                       return !absl::c_linear_search(results, result.name);
                                     }),
                      graph.results.end());
  ir::RemoveDead(graph);
  return graph;
}

CostTerms CostTermsOf(const Graph& graph, const std::vector<std::string>& results) {
  CostTerms terms;
  const std::vector<Condition> need = NeedWalk(graph, terms.exact).Walk(results);
  WeightCount weight_count(graph);
  ir::DimSum weights;
  ir::DimSum macs;
  ir::DimSum activations;
  for (size_t i = 0; i < need.size(); ++i) {
    if (need[i].is_leaf() && !need[i].maybe_leaf().value_or(false)) continue;
    const Instruction& instruction = graph.instructions[i];
    weights.Add(Where(need[i], weight_count.Of(instruction)));
    macs.Add(Where(need[i], MacsOf(graph, instruction)));
    activations.Add(Where(need[i], ActivationsOf(instruction)));
  }
  terms.weights = weights.TakeApart();
  terms.macs = macs.TakeApart();
  terms.activations = activations.TakeApart();
  return terms;
}

Cost CostOf(const Graph& graph, const std::vector<std::string>& results) {
  const CostTerms terms = CostTermsOf(graph, results);
  return {terms.weights.Max(), terms.macs.Max(), terms.activations.Max()};
}

Cost ShareOf(const Graph& graph, const Instruction& instruction) {
  return {WeightCount(graph).Of(instruction).Max(), MacsOf(graph, instruction).Max(),
          ActivationsOf(instruction).Max()};
}

}  // namespace nasc
