// The types of instructions that choose between values.
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/primitive_rules.h"
#include "compiler/primitives.h"

namespace nasc {

using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::TensorType;
using Type = absl::StatusOr<TensorType>;

namespace {

// The shape of the operand that an index picks.
Type PickedShape(const Graph& graph, const Instruction& instruction, const Dim& index) {
  TensorType type = Operand(graph, instruction);
  const size_t options = instruction.operands.size();
  for (size_t i = 1; i < options; ++i) {
    if (Operand(graph, instruction, i).dims.size() != type.dims.size()) {
      return EqualShapes(graph, instruction, 0, "a choice between");
    }
  }
  for (size_t axis = 1; axis < type.dims.size(); ++axis) {
    std::vector<Dim> sizes;
    for (size_t i = 0; i < options; ++i) {
      sizes.push_back(Operand(graph, instruction, i).dims[axis]);
    }
    type.dims[axis] = ir::Switch(index, sizes);
  }
  return type;
}

}  // namespace

// A function of the decision where options differ.
Type SelectShape(const Graph& graph, const Instruction& instruction) {
  std::vector<ir::Diagram<int64_t>> index;
  for (size_t i = 0; i < instruction.operands.size(); ++i) index.emplace_back(i);
  return PickedShape(
      graph, instruction,
      Dim(ir::Diagram<int64_t>::Choice({instruction.decision, -1}, std::move(index))));
}

Type SwitchShape(const Graph& graph, const Instruction& instruction) {
  return PickedShape(graph, instruction, Attribute(instruction, "index"));
}

// The type of the operand where the condition holds: what stands there relies on it.
Type AssumeShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  const absl::StatusOr<ir::Condition> condition =
      ir::ToCondition(Attribute(instruction, "condition"));
  if (!condition.ok()) return condition.status();
  for (Dim& dim : type.dims) {
    if (dim.is_open()) dim = ir::Restrict(dim, *condition);
  }
  return type;
}

Type AbsentShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  if (type.dims.size() < 2) return absl::InvalidArgumentError("nothing to leave out");
  type.dims[1] = 0;
  return type;
}

// Taken operands are combined: all shapes are equal, or, side by side, what is taken counts.
Type SubsetShape(const Graph& graph, const Instruction& instruction) {
  const ir::Decision& decision = graph.decisions[instruction.decision];
  const Primitive* combiner = FindPrimitive(instruction.combiner);
  if (combiner->params != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("edges cannot be merged by `",
                                                   instruction.combiner,
                                                   "`, which has a weight for each operand"));
  }
  Type type = combiner->shape(graph, instruction);
  if (!type.ok() || instruction.combiner != "concat") return type;
  const size_t options = decision.options.size();
  bool equal = true;
  Dim width = 0;
  Dim none = 1;
  for (size_t i = 0; i < instruction.operands.size(); ++i) {
    const Dim& part = Operand(graph, instruction, i).dims[1];
    if (i >= options) {
      width = width + (instruction.labels[i] == "else" ? none * part : part);
      continue;
    }
    equal &= part == Operand(graph, instruction).dims[1];
    const Dim taken =
        ir::FromCondition(ir::Takes(decision, instruction.decision, static_cast<int>(i)));
    width = width + taken * part;
    // Only where something follows that asks for it.
    if (instruction.operands.size() > options) none = none * (Dim(1) - taken);
  }
  // How many are taken is known where any of them count the same.
  if (decision.least == decision.most && equal) {
    width = Operand(graph, instruction).dims[1] * Dim(decision.most);
    for (size_t i = options; i < instruction.operands.size(); ++i) {
      if (instruction.labels[i] == "and") width = width + Operand(graph, instruction, i).dims[1];
    }
  }
  type->dims[1] = width;
  return type;
}

Type CasesShape(const Graph& graph, const Instruction& instruction) {
  return EqualShapes(graph, instruction, 0, "relaxed and fixed have");
}

Type LogitsShape(const Graph& graph, const Instruction& instruction) {
  return TensorType{{static_cast<int64_t>(graph.decisions[instruction.decision].options.size())}};
}

Type PickShape(const Graph& graph, const Instruction& instruction) {
  return Operand(graph, instruction, 1);
}

Type MixShape(const Graph& graph, const Instruction& instruction) {
  const Dim& weights = Operand(graph, instruction).dims[0];
  const auto candidates = static_cast<int64_t>(instruction.operands.size()) - 1;
  if (weights != Dim(candidates)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a mixture of ", candidates, " values with another number of weights"));
  }
  return EqualShapes(graph, instruction, 1, "a mixture of");
}

}  // namespace nasc
