#include "compiler/edge_normalization.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/decision_weights.h"
#include "compiler/ir/verifier.h"
#include "compiler/taken.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using ir::Graph;
using ir::Instruction;
using ir::ValueId;

class Normalizing {
 public:
  explicit Normalizing(const Graph& supernet) : from_(supernet) {}

  absl::StatusOr<Graph> Run() {
    to_ = from_;
    to_.instructions.clear();
    for (Instruction instruction : from_.instructions) {
      const bool subset =
          instruction.op == "subset" && from_.decisions[instruction.decision].options.size() > 1;
      if (subset && instruction.combiner != "sum") {
        return absl::InvalidArgumentError(
            absl::StrCat("decision ", from_.decisions[instruction.decision].path,
                         " cannot be normalised: its edges are merged by `", instruction.combiner,
                         "`; only those of a sum have weights"));
      }
      const std::vector<ValueId> taken = OperandsTaken(from_, instruction, nullptr);
      if (!subset) {
        for (ValueId& operand : instruction.operands) operand = value_[operand];
        value_.push_back(Add(std::move(instruction)));
      } else {
        value_.push_back(Normalized(instruction, taken));
      }
    }
    for (ir::Result& result : to_.results) result.value = value_[result.value];
    ir::RemoveDead(to_);
    const absl::Status valid = ir::Verify(to_);
    CHECK(valid.ok()) << valid;
    return std::move(to_);
  }

 private:
  ValueId Normalized(const Instruction& subset, const std::vector<ValueId>& taken) {
    const size_t options = from_.decisions[subset.decision].options.size();
    const bool more = taken.size() > options;  // one that is always taken
    Instruction mix = Like(subset, more ? absl::StrCat("weighted.", subset.name) : subset.name);
    mix.op = "mix";
    mix.operands = {weights_.Of(subset.decision, subset.location)};
    for (size_t i = 0; i < options; ++i) mix.operands.push_back(value_[taken[i]]);
    mix.type = subset.type;
    const ValueId mixed = Add(std::move(mix));
    if (!more) return mixed;
    Instruction sum = Like(subset, subset.name);
    sum.op = "sum";
    sum.operands = {mixed, value_[taken[options]]};
    sum.type = subset.type;
    return Add(std::move(sum));
  }

  static Instruction Like(const Instruction& of, std::string name) {
    Instruction instruction;
    instruction.name = std::move(name);
    instruction.location = of.location;
    return instruction;
  }

  ValueId Add(Instruction instruction) {
    to_.instructions.push_back(std::move(instruction));
    return static_cast<ValueId>(to_.instructions.size()) - 1;
  }

  const Graph& from_;
  Graph to_;
  std::vector<ValueId> value_;  // of each instruction of the supernet, in the new graph
  DecisionWeights weights_{to_};
};

}  // namespace

absl::StatusOr<Graph> NormalizeEdges(const Graph& supernet) { return Normalizing(supernet).Run(); }

}  // namespace nasc
