#include "compiler/cost.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/need.h"
#include "compiler/primitives.h"
#include "compiler/taken.h"

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
  if (!value.is_constant()) return ir::Switch(ir::FromCondition(need), {Dim(0), value});
  return ir::FromCondition(need) * value;
}

// Sums up costs. Those that are constant and asked for by the same architectures are one.
class CostSum {
 public:
  void Add(const Condition& need, const Dim& value) {
    if (!value.is_constant()) {
      sum_.Add(Where(need, value));
    } else if (value.value() != 0) {
      const auto [it, fresh] = index_.try_emplace(need, constants_.size());
      if (fresh) constants_.emplace_back(need, 0);
      Dim& known = constants_[it->second].second;
      known = known + value;
    }
  }

  Dim Take() {
    for (const auto& [need, value] : constants_) sum_.Add(Where(need, value));
    return sum_.TakeApart();
  }

 private:
  ir::DimSum sum_;
  std::vector<std::pair<Condition, Dim>> constants_;
  absl::flat_hash_map<Condition, size_t> index_;
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

CostTerms CostTermsOf(const Graph& graph, const std::vector<std::string>& results,
                      size_t most_nodes) {
  CostTerms terms;
  const std::vector<Condition> need = NeededWhen(graph, results, most_nodes, &terms.exact);
  WeightCount weight_count(graph);
  CostSum weights;
  CostSum macs;
  CostSum activations;
  for (size_t i = 0; i < need.size(); ++i) {
    if (ir::Never(need[i])) continue;
    const Instruction& instruction = graph.instructions[i];
    weights.Add(need[i], weight_count.Of(instruction));
    macs.Add(need[i], MacsOf(graph, instruction));
    activations.Add(need[i], ActivationsOf(instruction));
  }
  terms.weights = weights.Take();
  terms.macs = macs.Take();
  terms.activations = activations.Take();
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

CostMeter::CostMeter(const Graph& graph, const std::vector<std::string>& results) : graph_(graph) {
  for (const ir::Result& result : graph.results) {
    if (absl::c_linear_search(results, result.name)) results_.push_back(result.value);
  }
  WeightCount weight_count(graph);
  for (const Instruction& instruction : graph.instructions) {
    costs_.push_back(
        {weight_count.Of(instruction), MacsOf(graph, instruction), ActivationsOf(instruction)});
  }
}

Cost CostMeter::Of(const Architecture& architecture) const {
  const auto at = [&](const Dim& dim) {
    if (dim.is_constant()) return dim.value();
    return dim.At([&](const ir::Variable& variable) { return BranchTaken(architecture, variable); })
        .value_or(0);
  };
  std::vector<bool> needed(costs_.size());
  for (const ir::ValueId result : results_) needed[result] = true;
  Cost cost;
  for (size_t i = costs_.size(); i-- > 0;) {
    if (!needed[i]) continue;
    cost.weights += at(costs_[i].weights);
    cost.macs += at(costs_[i].macs);
    cost.activations += at(costs_[i].activations);
    for (const ir::ValueId operand : OperandsTaken(graph_, graph_.instructions[i], &architecture)) {
      needed[operand] = true;
    }
  }
  return cost;
}

Cost CostMeter::AtLeast() const {
  return {AtLeast(&CostTerms::weights), AtLeast(&CostTerms::macs),
          AtLeast(&CostTerms::activations)};
}

int64_t CostMeter::AtLeast(Dim CostTerms::*figure) const {
  std::vector<int64_t> least;  // by instruction, with what it needs
  for (const Instruction& instruction : graph_.instructions) {
    const bool has_decision = instruction.op == "select" || instruction.op == "subset";
    const ir::Decision* decision = has_decision ? &graph_.decisions[instruction.decision] : nullptr;
    const bool is_switch = instruction.op == "switch" || instruction.op == "when_relaxed";
    int64_t all = 0;
    int64_t one = INT64_MAX;  // of those of which not all are taken
    for (size_t k = 0; k < instruction.operands.size(); ++k) {
      const int64_t operand = least[instruction.operands[k]];
      const bool is_option = decision != nullptr ? k < decision->options.size() : is_switch;
      if (!is_option) {
        if (decision == nullptr || instruction.labels[k] != "else") all = std::max(all, operand);
      } else if (decision == nullptr || !decision->relaxed_only[k]) {
        one = std::min(one, operand);
      }
    }
    const bool takes_one = is_switch || (has_decision && decision->least > 0);
    const int64_t own = std::max<int64_t>((costs_[least.size()].*figure).Min(), 0);
    least.push_back(own + std::max(all, takes_one ? one : 0));
  }
  int64_t bound = 0;
  for (const ir::ValueId result : results_) bound = std::max(bound, least[result]);
  return bound;
}

}  // namespace nasc
