#include "compiler/inherit/preserve.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"

namespace nasc {
namespace {

using Rule = InheritedWeight::Rule;

constexpr int kUnknown = -1;

bool GivesWhatItTakes(const ir::Instruction& instruction) {
  static const auto* const ops = new std::set<std::string>{"identity", "dropout", "drop_path"};
  return ops->count(instruction.op) > 0;
}

// Zeros pass through it.
bool PassesZeros(const ir::Instruction& instruction) {
  static const auto* const ops = new std::set<std::string>{
      "identity", "dropout", "drop_path", "relu", "relu6", "max_pool", "avg_pool", "shift"};
  return ops->count(instruction.op) > 0;
}

int64_t WindowChange(const ir::Instruction& a, const ir::Instruction& b, const char* kernel,
                     const char* padding) {
  // Padding that grows by half of what the window grows by leaves every window at its place.
  const int64_t grown = WholeAttribute(a, kernel) - WholeAttribute(b, kernel);
  const int64_t dilation = WholeAttribute(a, "dilation");
  return 2 * (WholeAttribute(a, padding) - WholeAttribute(b, padding)) - dilation * grown;
}

// Whether two instructions compute the same of the same operands with weights inherited from one
// another: all attributes but the width and the window are equal, and the window has not shrunk.
bool SameWork(const ir::Instruction& child, const ir::Instruction& donor) {
  if (child.op != donor.op || child.attributes.size() != donor.attributes.size()) return false;
  const bool windows = child.op == "conv" || child.op == "depthwise";
  static const auto* const sizes = new std::set<std::string>{
      "filters", "features", "kernel", "padding", "kernel_width", "padding_width"};
  for (const ir::Attribute& attribute : child.attributes) {
    const ir::AttributeValue* other = FindAttribute(donor, attribute.name);
    if (other == nullptr) return false;
    // What is dropped in training; factors, which SameWeights looks at.
    if (attribute.name == "rate" || (child.op == "bn" && attribute.name == "affine")) continue;
    const bool size = sizes->count(attribute.name) > 0;
    if (size && (windows || child.op == "linear")) continue;
    if (!(attribute.value == *other)) return false;
  }
  if (!windows) return true;
  if (WholeAttribute(child, "kernel") < WholeAttribute(donor, "kernel") ||
      WindowChange(child, donor, "kernel", "padding") != 0) {
    return false;
  }
  if (child.op == "depthwise") return true;
  return WholeAttribute(child, "kernel_width") >= WholeAttribute(donor, "kernel_width") &&
         WindowChange(child, donor, "kernel_width", "padding_width") == 0;
}

// Whether the weight takes over all of the donor's.
bool IsWhole(const InheritedWeight& weight) {
  for (size_t d = 0; d < weight.axes.size(); ++d) {
    const InheritedAxis& axis = weight.axes[d];
    if (axis.kind != InheritedAxis::Kind::kChannels) continue;
    if (axis.loose) return false;
    int64_t covered = 0;
    for (const InheritedRun& run : axis.runs) {
      if (run.selection >= 0) return false;
      covered += run.donor_size;
    }
    if (covered != weight.donor_shape[d]) return false;
  }
  return true;
}

// Copies of channels change the mean over them, unless each has as many.
bool EvenCopies(const InheritedWeight& weight) {
  for (const InheritedRun& run : weight.axes[0].runs) {
    if (run.size % run.donor_size != 0) return false;
  }
  return weight.axes[0].runs.size() == 1;
}

class Prover {
 public:
  Prover(const ir::Graph& child, const ir::Graph& donor, InheritPlan& plan)
      : child_(child),
        donor_(donor),
        weights_(plan.weights),
        users_(donor.instructions.size()),
        same_(donor.instructions.size()),
        equals_(child.instructions.size(), kUnknown),
        grown_(child.instructions.size()),
        uses_(child.instructions.size()) {
    for (const ir::Instruction& instruction : child.instructions) {
      for (const ir::ValueId operand : instruction.operands) ++uses_[operand];
    }
    for (size_t i = 0; i < donor.instructions.size(); ++i) {
      const ir::Instruction& instruction = donor.instructions[i];
      const auto id = static_cast<ir::ValueId>(i);
      same_[i] = GivesWhatItTakes(instruction) ? same_[instruction.operands[0]] : Earlier(id);
      for (const ir::ValueId operand : instruction.operands) {
        std::vector<ir::ValueId>& users = users_[same_[operand]];
        if (users.empty() || users.back() != id) users.push_back(id);
      }
      if (instruction.operands.empty()) sources_.push_back(id);
    }
  }

  // The plan with what is grown, where the logits are proved to be equal.
  std::optional<std::vector<InheritedWeight>> Prove() {
    for (size_t i = 0; i < child_.instructions.size(); ++i) {
      equals_[i] = DonorOf(static_cast<ir::ValueId>(i));
    }
    const ir::ValueId ours = Logits(child_);
    const ir::ValueId theirs = Logits(donor_);
    if (ours < 0 || theirs < 0 || equals_[ours] != same_[theirs]) return std::nullopt;
    return std::move(weights_);
  }

 private:
  // The donor's first value that is computed in the same way, without weights, from the same ones.
  ir::ValueId Earlier(ir::ValueId id) const {
    const ir::Instruction& instruction = donor_.instruction(id);
    if (!instruction.params.empty() || instruction.operands.empty()) return id;
    std::vector<ir::ValueId> operands;
    for (const ir::ValueId operand : instruction.operands) operands.push_back(same_[operand]);
    for (const ir::ValueId user : users_[operands[0]]) {
      const ir::Instruction& other = donor_.instruction(user);
      if (SameWork(instruction, other) && SameOperands(instruction, operands, other) &&
          instruction.operands.size() == other.operands.size()) {
        return same_[user];
      }
    }
    return id;
  }

  static ir::ValueId Logits(const ir::Graph& network) {
    for (const ir::Result& result : network.results) {
      if (result.name == "logits") return result.value;
    }
    return -1;
  }

  // The donor's value that a value of the child equals, channel by channel as the plan maps them.
  ir::ValueId DonorOf(ir::ValueId id) {
    const ir::Instruction& instruction = child_.instruction(id);
    const ir::ValueId found = Counterpart(instruction, Operands(instruction));
    if (found != kUnknown) {
      grown_[id] = Grown(instruction);
      return found;
    }
    if (instruction.op == "sum") return SumWithout(instruction);
    if (instruction.operands.size() != 1) return kUnknown;
    const ir::ValueId operand = equals_[instruction.operands[0]];
    if (operand == kUnknown || !BecomeIdentity(instruction, operand)) return kUnknown;
    grown_[id] = !instruction.params.empty() || Grown(instruction);
    return operand;
  }

  bool Grown(const ir::Instruction& instruction) const {
    return absl::c_any_of(instruction.operands, [&](ir::ValueId id) { return grown_[id]; });
  }

  std::vector<ir::ValueId> Operands(const ir::Instruction& instruction) const {
    std::vector<ir::ValueId> operands;
    for (const ir::ValueId operand : instruction.operands) operands.push_back(equals_[operand]);
    return operands;
  }

  // The donor's value computed from those operands in the same way with the same weights.
  ir::ValueId Counterpart(const ir::Instruction& instruction,
                          const std::vector<ir::ValueId>& operands) const {
    const std::vector<ir::ValueId>* candidates = &sources_;
    if (!operands.empty()) {
      const auto known = absl::c_find_if(operands, [](ir::ValueId id) { return id != kUnknown; });
      if (known == operands.end()) return kUnknown;
      candidates = &users_[*known];
    }
    for (const ir::ValueId id : *candidates) {
      const ir::Instruction& other = donor_.instruction(id);
      if (SameWork(instruction, other) && SameOperands(instruction, operands, other) &&
          SameWeights(instruction, other)) {
        return same_[id];
      }
    }
    return kUnknown;
  }

  bool SameOperands(const ir::Instruction& instruction, std::vector<ir::ValueId> ours,
                    const ir::Instruction& other) const {
    std::vector<ir::ValueId> theirs;
    for (const ir::ValueId operand : other.operands) theirs.push_back(same_[operand]);
    if (instruction.op == "concat") {
      // What the child joins besides is read with weight zero: see InheritedAxis::reads.
      size_t next = 0;
      for (const ir::ValueId operand : ours) {
        if (next < theirs.size() && operand == theirs[next]) ++next;
      }
      return next == theirs.size();
    }
    if (instruction.op == "sum" || instruction.op == "multiply") {
      absl::c_sort(ours);
      absl::c_sort(theirs);
    }
    if (instruction.op == "input" || instruction.op == "features") {
      return instruction.type == other.type;
    }
    return ours == theirs;
  }

  bool SameWeights(const ir::Instruction& instruction, const ir::Instruction& other) const {
    // The child may have factors of norms that the donor has not: they begin as ones and zeros.
    const bool norm = instruction.op == "bn";
    if (instruction.params.size() != other.params.size() && !norm) return false;
    size_t inherited = 0;
    for (const ir::ParamId param : instruction.params) {
      const InheritedWeight& weight = weights_[param];
      const auto of = absl::c_find_if(
          other.params, [&](ir::ParamId id) { return donor_.params[id].name == weight.donor; });
      if (weight.rule == Rule::kDonor && of != other.params.end()) {
        if (!IsWhole(weight)) return false;
        if (instruction.op == "layer_norm" && !EvenCopies(weight)) return false;
        ++inherited;
      } else if (!norm || weight.rule != Rule::kFresh ||
                 child_.params[param].role != ir::Param::Role::kWeight) {
        return false;
      }
    }
    return inherited == other.params.size();
  }

  // A sum of which some operands can be made to add nothing.
  ir::ValueId SumWithout(const ir::Instruction& instruction) {
    std::vector<ir::ValueId> kept;
    std::vector<ir::ValueId> dropped;
    for (const ir::ValueId operand : instruction.operands) {
      const bool is_new = equals_[operand] == kUnknown || grown_[operand];
      if (is_new) {
        dropped.push_back(operand);
      } else {
        kept.push_back(equals_[operand]);
      }
    }
    if (kept.empty() || dropped.empty()) return kUnknown;
    const ir::ValueId sum = kept.size() == 1 ? kept.front() : Counterpart(instruction, kept);
    if (sum == kUnknown) return kUnknown;
    for (const ir::ValueId operand : dropped) {
      if (!IsForOne(operand) || !BecomeZero(operand)) return kUnknown;
      Ungrow(operand);
    }
    return sum;
  }

  bool BecomeZero(ir::ValueId id) {
    const ir::Instruction* instruction = &child_.instruction(id);
    while (PassesZeros(*instruction)) instruction = &child_.instruction(instruction->operands[0]);
    if (instruction->op == "none") return true;
    const bool norm = instruction->op == "bn";
    const bool layer =
        instruction->op == "conv" || instruction->op == "linear" || instruction->op == "depthwise";
    if (!norm && !layer) return false;
    bool zeroed = false;
    for (const ir::ParamId param : instruction->params) {
      InheritedWeight& weight = weights_[param];
      if (weight.role != ir::Param::Role::kWeight) continue;
      if (weight.rule == Rule::kDonor) return false;
      weight.rule = Rule::kZero;
      zeroed = true;
    }
    return zeroed;
  }

  // Whether what was grown up to here has no other use.
  bool IsForOne(ir::ValueId id) const {
    if (!grown_[id]) return true;
    return uses_[id] == 1 && absl::c_all_of(child_.instruction(id).operands,
                                            [&](ir::ValueId operand) { return IsForOne(operand); });
  }

  // Layers of a branch that adds nothing need not be identities: they start fresh.
  void Ungrow(ir::ValueId id) {
    if (!grown_[id]) return;
    grown_[id] = false;
    const ir::Instruction& instruction = child_.instruction(id);
    for (const ir::ParamId param : instruction.params) {
      if (weights_[param].rule == Rule::kIdentity) weights_[param].rule = Rule::kFresh;
    }
    for (const ir::ValueId operand : instruction.operands) Ungrow(operand);
  }

  // Whether the donor's value lies between 0 and `most`.
  bool IsWithin(ir::ValueId id, const char* by) const {
    const ir::Instruction& instruction = donor_.instruction(id);
    if (instruction.op == by) return true;
    const bool selects = instruction.op == "max_pool" || instruction.op == "avg_pool" ||
                         GivesWhatItTakes(instruction);
    return selects && IsWithin(instruction.operands[0], by);
  }

  bool BecomeIdentity(const ir::Instruction& instruction, ir::ValueId operand) {
    if (GivesWhatItTakes(instruction)) return true;
    if (instruction.op == "relu") {
      return IsWithin(operand, "relu") || IsWithin(operand, "relu6");
    }
    if (instruction.op == "relu6") return IsWithin(operand, "relu6");
    const bool window = instruction.op == "conv" || instruction.op == "depthwise";
    if (!window && instruction.op != "bn" && instruction.op != "linear") return false;
    if (instruction.type != child_.instruction(instruction.operands[0]).type) return false;
    if (window && (WholeAttribute(instruction, "stride") != 1 ||
                   WholeAttribute(instruction, "kernel") % 2 == 0)) {
      return false;
    }
    if (instruction.op == "conv" && WholeAttribute(instruction, "kernel_width") % 2 == 0) {
      return false;
    }
    for (const ir::ParamId param : instruction.params) {
      if (weights_[param].rule != Rule::kFresh || weights_[param].reason == "declared") {
        return false;
      }
    }
    for (const ir::ParamId param : instruction.params) weights_[param].rule = Rule::kIdentity;
    return true;
  }

  const ir::Graph& child_;
  const ir::Graph& donor_;
  std::vector<InheritedWeight> weights_;
  std::vector<std::vector<ir::ValueId>> users_;  // of the donor's values
  std::vector<ir::ValueId> same_;     // of the donor's values, what they are but for what passes on
  std::vector<ir::ValueId> sources_;  // the donor's inputs
  std::vector<ir::ValueId> equals_;   // of the child's values
  std::vector<bool> grown_;           // equal only because layers became identities
  std::vector<int> uses_;
};

}  // namespace

bool GrowIdentities(const ir::Graph& child, const ir::Graph& donor, InheritPlan& plan) {
  std::optional<std::vector<InheritedWeight>> proved = Prover(child, donor, plan).Prove();
  if (!proved.has_value()) return false;
  plan.weights = *std::move(proved);
  return true;
}

}  // namespace nasc
