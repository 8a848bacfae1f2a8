#include "compiler/relax.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/verifier.h"
#include "compiler/primitives.h"
#include "compiler/taken.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using ir::Graph;
using ir::Instruction;
using ir::ValueId;

// Rewrites a supernet instruction by instruction into a graph without open decisions.
class Relaxer {
 public:
  // `architecture` is nullptr for the mixture. `sampled`: it is one draw of a relaxed supernet.
  Relaxer(const Graph& supernet, const Architecture* architecture, bool sampled = false)
      : from_(supernet), architecture_(architecture), sampled_(sampled) {}

  absl::StatusOr<Graph> Run() {
    to_.space = from_.space;
    to_.version = from_.version;
    to_.scale = from_.scale;
    if (IsRelaxed()) to_.decisions = from_.decisions;
    to_.params = from_.params;
    const std::vector<bool> needed = Needed(from_, architecture_, sampled_);
    for (size_t i = 0; i < from_.instructions.size(); ++i) {
      absl::StatusOr<ValueId> value = -1;
      if (needed[i]) value = Rewrite(from_.instructions[i]);
      if (!value.ok()) return value.status();
      value_.push_back(*value);
    }
    for (ir::Result result : from_.results) {
      result.value = value_[result.value];
      to_.results.push_back(std::move(result));
    }
    ir::RemoveDead(to_);
    const absl::Status valid = ir::Verify(to_);
    CHECK(valid.ok()) << valid;
    return std::move(to_);
  }

 private:
  bool IsRelaxed() const { return architecture_ == nullptr || sampled_; }

  absl::StatusOr<ValueId> Rewrite(const Instruction& instruction) {
    if (instruction.op == "select") {
      if (architecture_ == nullptr) return Mix(instruction);
      return sampled_ ? Pick(instruction) : Taken(instruction);
    }
    if (instruction.op == "subset") return Subset(instruction);
    if (instruction.op == "switch") return Switched(instruction);
    // What it says of shapes is known now.
    if (instruction.op == "assume") return value_[instruction.operands[0]];
    if (instruction.op == "concat") return Add(instruction, Present(instruction.operands));
    if (instruction.op == "when_relaxed") {
      return value_[instruction.operands[IsRelaxed() ? 0 : 1]];
    }
    return Add(instruction, Mapped(instruction.operands));
  }

  std::vector<ValueId> Mapped(const std::vector<ValueId>& operands) const {
    std::vector<ValueId> mapped;
    for (const ValueId operand : operands) mapped.push_back(value_[operand]);
    return mapped;
  }

  // Operands of a concatenation without those that are left out.
  std::vector<ValueId> Present(const std::vector<ValueId>& operands) const {
    std::vector<ValueId> present;
    for (const ValueId operand : Mapped(operands)) {
      if (to_.instruction(operand).op != "absent") present.push_back(operand);
    }
    return present.empty() ? Mapped(operands) : present;
  }

  // A fixed layer has the weights of its own shape, and starts by its own fan-in, not by that of
  // the widest option. In a sample they are a part of those of the widest.
  absl::Status FixParams(const Instruction& instruction) {
    if (instruction.params.empty()) return absl::OkStatus();
    const std::vector<ir::Param> rule = FindPrimitive(instruction.op)->params(to_, instruction);
    for (size_t i = 0; i < rule.size(); ++i) {
      ir::Param& param = to_.params[instruction.params[i]];
      if (!sampled_) {
        param.fan_in = rule[i].fan_in;
      } else if (param.type != rule[i].type) {
        param.whole = param.type;
        for (ir::Dim& dim : param.whole.dims) dim = dim.Max();
      }
      param.type = rule[i].type;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ValueId> Add(Instruction instruction, std::vector<ValueId> operands) {
    instruction.operands = std::move(operands);
    for (ir::Attribute& attribute : instruction.attributes) {
      ir::Dim* whole = std::get_if<ir::Dim>(&attribute.value);
      if (whole == nullptr) continue;
      *whole = FixDim(*whole, architecture_);
      if (whole->is_open()) return CannotMix(*whole, instruction);
    }
    absl::StatusOr<ir::TensorType> type = FindPrimitive(instruction.op)->shape(to_, instruction);
    if (!type.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          ToString(instruction.location), ": ", instruction.name, ": ", type.status().message()));
    }
    instruction.type = *std::move(type);
    if (absl::Status status = FixParams(instruction); !status.ok()) return status;
    to_.instructions.push_back(std::move(instruction));
    return static_cast<ValueId>(to_.instructions.size()) - 1;
  }

  absl::StatusOr<ValueId> Taken(const Instruction& select) {
    return value_[OperandsTaken(from_, select, architecture_)[0]];
  }

  absl::StatusOr<ValueId> Pick(const Instruction& select) {
    absl::StatusOr<ValueId> weights = Weights(select);
    if (!weights.ok()) return weights;
    Instruction pick;
    pick.name = select.name;
    pick.op = "pick";
    pick.location = select.location;
    pick.attributes = {{"index", ir::Dim(BranchTaken(*architecture_, {select.decision, -1}))}};
    return Add(std::move(pick), {*weights, *Taken(select)});
  }

  absl::StatusOr<ValueId> Switched(const Instruction& instruction) {
    if (architecture_ != nullptr)
      return value_[OperandsTaken(from_, instruction, architecture_)[0]];
    if (from_.instruction(instruction.operands[0]).op == "absent") {
      // A part that may be left out of a concatenation has its place while relaxed.
      return value_[instruction.operands[1]];
    }
    return CannotMix(std::get<ir::Dim>(*ir::FindAttribute(instruction, "index")), instruction);
  }

  absl::Status CannotMix(const ir::Dim& dim, const Instruction& instruction) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "decision ", from_.decisions[dim.terms()[0].variable().decision].path,
        " cannot be relaxed to a mixture, since it changes the network at ", instruction.name,
        "; a strategy that trains one architecture at a time can search it"));
  }

  absl::StatusOr<ValueId> Subset(const Instruction& subset) {
    Instruction combined;
    combined.name = subset.name;
    combined.op = subset.combiner;
    combined.location = subset.location;
    const std::vector<ValueId> operands = OperandsTaken(from_, subset, architecture_);
    if (operands.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(subset.name, " takes no edge at all"));
    }
    return Add(std::move(combined), Mapped(operands));
  }

  absl::StatusOr<ValueId> Mix(const Instruction& select) {
    absl::StatusOr<ValueId> weights = Weights(select);
    if (!weights.ok()) return weights.status();
    std::vector<ValueId> operands = {*weights};
    absl::c_copy(Mapped(select.operands), std::back_inserter(operands));
    Instruction mix;
    mix.name = select.name;
    mix.op = "mix";
    mix.location = select.location;
    absl::StatusOr<ValueId> value = Add(std::move(mix), std::move(operands));
    if (value.ok()) return value;
    return absl::InvalidArgumentError(
        absl::StrCat("decision ", from_.decisions[select.decision].path,
                     " cannot be relaxed to a mixture: ", value.status().message()));
  }

  // The softmax of a decision's logits, once however often the decision is used.
  absl::StatusOr<ValueId> Weights(const Instruction& select) {
    if (const auto it = weights_.find(select.decision); it != weights_.end()) return it->second;
    const std::string& path = from_.decisions[select.decision].path;
    Instruction logits;
    logits.name = absl::StrCat("logits.", path);
    logits.op = "logits";
    logits.decision = select.decision;
    logits.location = select.location;
    absl::StatusOr<ValueId> value = Add(std::move(logits), {});
    if (!value.ok()) return value;
    Instruction softmax;
    softmax.name = absl::StrCat("weights.", path);
    softmax.op = "softmax";
    softmax.location = select.location;
    value = Add(std::move(softmax), {*value});
    if (value.ok()) weights_[select.decision] = *value;
    return value;
  }

  const Graph& from_;
  const Architecture* architecture_;
  bool sampled_;
  Graph to_;
  std::vector<ValueId> value_;  // of each instruction of the supernet, in the new graph
  std::map<ir::DecisionId, ValueId> weights_;
};

}  // namespace

absl::StatusOr<Graph> Fix(const Graph& supernet, const Architecture& architecture) {
  return Relaxer(supernet, &architecture).Run();
}

absl::StatusOr<Graph> RelaxToMixture(const Graph& supernet) {
  return Relaxer(supernet, nullptr).Run();
}

absl::StatusOr<Graph> RelaxToSample(const Graph& supernet, const Architecture& taken) {
  return Relaxer(supernet, &taken, /*sampled=*/true).Run();
}

}  // namespace nasc
