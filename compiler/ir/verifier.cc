#include "compiler/ir/verifier.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/ir/printer.h"
#include "compiler/primitives.h"

namespace nasc::ir {
namespace {

using Names = absl::flat_hash_set<absl::string_view>;

template <typename... Parts>
absl::Status Fault(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

template <typename T>
bool InRange(int id, const std::vector<T>& list) {
  return id >= 0 && static_cast<size_t>(id) < list.size();
}

// The status with what it is about in front.
absl::Status About(absl::string_view what, const absl::Status& status) {
  return status.ok() ? status : Fault(what, ": ", status.message());
}

// --- decisions, dims and params ---

absl::Status CheckDecision(const Graph& graph, DecisionId id) {
  const Decision& decision = graph.decisions[id];
  const auto count = static_cast<int>(decision.options.size());
  if (count == 0) return Fault("has no options");
  Names seen;
  for (const std::string& option : decision.options) {
    if (!seen.insert(option).second) return Fault("has option '", option, "' twice");
  }
  if (decision.relaxed_only.size() != decision.options.size()) {
    return Fault("says of ", decision.relaxed_only.size(), " options whether they only compete; ",
                 "it has ", count);
  }
  if (decision.take < 1 || decision.take > count) {
    return Fault("takes ", decision.take, " of ", count, " options");
  }
  if (decision.kind == Decision::Kind::kOne && decision.take != 1) {
    return Fault("is one of its options and takes ", decision.take);
  }
  if (decision.parent == -1) {
    return decision.parent_option == -1 ? absl::OkStatus() : Fault("names an option of no parent");
  }
  if (decision.parent < 0 || decision.parent >= id) return Fault("comes before its parent");
  if (!InRange(decision.parent_option, graph.decisions[decision.parent].options)) {
    return Fault("names an option that its parent does not have");
  }
  return absl::OkStatus();
}

// Each node once, though it may be on many paths.
absl::Status CheckChoices(const Graph& graph, const Dim& dim,
                          absl::flat_hash_set<const void*>& seen) {
  if (!dim.is_choice() || !seen.insert(&dim.options()).second) return absl::OkStatus();
  if (!InRange(dim.decision(), graph.decisions)) {
    return Fault("depends on decision ", dim.decision(), ", which does not exist");
  }
  const Decision& decision = graph.decisions[dim.decision()];
  if (decision.kind != Decision::Kind::kOne) {
    return Fault("depends on '@", decision.path, "', which takes several options");
  }
  if (dim.options().size() != decision.options.size()) {
    return Fault("has ", dim.options().size(), " numbers for the ", decision.options.size(),
                 " options of '@", decision.path, "'");
  }
  for (const Dim& option : dim.options()) {
    if (absl::Status status = CheckChoices(graph, option, seen); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckChoices(const Graph& graph, const Dim& dim) {
  absl::flat_hash_set<const void*> seen;
  return CheckChoices(graph, dim, seen);
}

absl::Status CheckType(const Graph& graph, const TensorType& type, bool with_batch) {
  for (size_t axis = 0; axis < type.dims.size(); ++axis) {
    const Dim& dim = type.dims[axis];
    if (absl::Status status = CheckChoices(graph, dim); !status.ok()) {
      return Fault("axis ", axis, " ", status.message());
    }
    if (!dim.is_batch()) {
      if (dim.Min() < 0) return Fault("axis ", axis, " is negative in ", Print(type, graph));
    } else if (!with_batch || axis != 0) {
      return Fault("the batch cannot be axis ", axis, " of ", Print(type, graph));
    }
  }
  return absl::OkStatus();
}

// --- instructions ---

absl::Status CheckLabels(const Instruction& instruction, const std::vector<std::string>& expected) {
  if (instruction.operands.size() != expected.size() || instruction.labels != expected) {
    return Fault("has the operands [", absl::StrJoin(instruction.labels, ", "), "], expected [",
                 absl::StrJoin(expected, ", "), "]");
  }
  return absl::OkStatus();
}

// A select or a subset: an operand an option of its decision.
absl::Status CheckOptions(const Graph& graph, const Instruction& instruction) {
  if (instruction.decision == -1) return Fault("needs a decision");
  const Decision& decision = graph.decisions[instruction.decision];
  const bool several = instruction.op == "subset";
  if (several != (decision.kind == Decision::Kind::kSubset)) {
    return Fault("'@", decision.path, "' takes ", several ? "one option" : "several options");
  }
  return CheckLabels(instruction, decision.options);
}

absl::Status CheckOperandCount(const Instruction& instruction, size_t least, size_t most) {
  const size_t count = instruction.operands.size();
  if (count >= least && count <= most) return absl::OkStatus();
  return Fault("has ", count, " operands, expected ", least, least == most ? "" : " or more");
}

// What the table leaves open: how many operands there are, what labels they have, and whether there
// is a decision and a combiner.
absl::Status CheckForm(const Graph& graph, const Instruction& instruction,
                       const Primitive& primitive) {
  constexpr size_t kMany = -1;
  const std::string& op = instruction.op;
  if (op == "subset") {
    const Primitive* combiner = FindPrimitive(instruction.combiner);
    if (combiner == nullptr || combiner->form != Primitive::Form::kCombiner) {
      return Fault("'", instruction.combiner, "' is no combiner");
    }
  } else if (!instruction.combiner.empty()) {
    return Fault("takes no combiner, has '", instruction.combiner, "'");
  }

  if (op == "select" || op == "subset") return CheckOptions(graph, instruction);
  if (op == "when_relaxed") {
    if (instruction.decision == -1) return Fault("needs a decision");
    return CheckLabels(instruction, {"relaxed", "fixed"});
  }
  if (!instruction.labels.empty()) return Fault("takes no labels");
  switch (primitive.form) {
    case Primitive::Form::kInput:
    case Primitive::Form::kUnary:
    case Primitive::Form::kCombiner:
      if (instruction.decision != -1) return Fault("takes no decision");
      if (primitive.form == Primitive::Form::kInput) return CheckOperandCount(instruction, 0, 0);
      if (primitive.form == Primitive::Form::kUnary) return CheckOperandCount(instruction, 1, 1);
      return CheckOperandCount(instruction, 1, kMany);
    case Primitive::Form::kControl:
      if (op == "logits") {
        if (instruction.decision == -1) return Fault("needs a decision");
        return CheckOperandCount(instruction, 0, 0);
      }
      // The weights and what they weigh.
      if (op == "mix") return CheckOperandCount(instruction, 2, kMany);
      return CheckOperandCount(instruction, 1, 1);
  }
  return absl::OkStatus();
}

absl::Status CheckReferences(const Graph& graph, ValueId id) {
  const Instruction& instruction = graph.instructions[id];
  for (const ValueId operand : instruction.operands) {
    if (!InRange(operand, graph.instructions)) {
      return Fault("operand ", operand, " does not exist");
    }
    if (operand >= id) {
      return Fault("operand '%", graph.instructions[operand].name, "' does not precede it");
    }
  }
  for (const ParamId param : instruction.params) {
    if (!InRange(param, graph.params)) return Fault("param ", param, " does not exist");
  }
  if (instruction.decision != -1 && !InRange(instruction.decision, graph.decisions)) {
    return Fault("decision ", instruction.decision, " does not exist");
  }
  return absl::OkStatus();
}

absl::Status CheckAttribute(const Graph& graph, const AttributeValue& value,
                            const AttributeSpec& spec) {
  if (const double* real = std::get_if<double>(&value)) {
    if (spec.whole) return Fault("is a real, expected a whole number");
    if (!std::isfinite(*real)) return Fault("is not finite");
    if (*real < static_cast<double>(spec.least)) return Fault("is ", *real, ", below ", spec.least);
    return absl::OkStatus();
  }
  const Dim& dim = std::get<Dim>(value);
  if (!spec.whole) return Fault("is a whole number, expected a real");
  if (dim.is_batch()) return Fault("is the batch");
  if (absl::Status status = CheckChoices(graph, dim); !status.ok()) return status;
  if (dim.Min() < spec.least) return Fault("is ", dim.Min(), ", below ", spec.least);
  return absl::OkStatus();
}

absl::Status CheckAttributes(const Graph& graph, const Instruction& instruction,
                             const Primitive& primitive) {
  const auto name = [](std::string* out, const auto& named) { out->append(named.name); };
  const std::string found = absl::StrJoin(instruction.attributes, ", ", name);
  const std::string expected = absl::StrJoin(primitive.attributes, ", ", name);
  if (found != expected)
    return Fault("has the attributes (", found, "), expected (", expected, ")");
  for (size_t i = 0; i < instruction.attributes.size(); ++i) {
    const Attribute& attribute = instruction.attributes[i];
    const absl::Status status = CheckAttribute(graph, attribute.value, primitive.attributes[i]);
    if (!status.ok()) return Fault("attribute '", attribute.name, "' ", status.message());
  }
  return absl::OkStatus();
}

absl::Status CheckComputedType(const Graph& graph, const Instruction& instruction,
                               const Primitive& primitive) {
  if (absl::Status status = CheckType(graph, instruction.type, true); !status.ok()) return status;
  if (primitive.shape == nullptr) return absl::OkStatus();
  const absl::StatusOr<TensorType> computed = primitive.shape(graph, instruction);
  if (!computed.ok()) return computed.status();
  if (*computed == instruction.type) return absl::OkStatus();
  return Fault("has the type ", Print(instruction.type, graph), ", expected ",
               Print(*computed, graph));
}

absl::Status CheckParams(const Graph& graph, const Instruction& instruction,
                         const Primitive& primitive) {
  std::vector<Param> expected;
  if (primitive.params != nullptr) expected = primitive.params(graph, instruction);
  if (instruction.params.size() != expected.size()) {
    return Fault("has ", instruction.params.size(), " params, expected ", expected.size());
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const Param& param = graph.params[instruction.params[i]];
    const std::string name = absl::StrCat(instruction.name, ".", expected[i].name);
    if (param.name != name)
      return Fault("has the param '@", param.name, "', expected '@", name, "'");
    if (param.role != expected[i].role) {
      return Fault("param '@", name, "' is a ",
                   param.role == Param::Role::kWeight ? "weight, expected a buffer"
                                                      : "buffer, expected a weight");
    }
    if (param.type != expected[i].type) {
      return Fault("param '@", name, "' has the type ", Print(param.type, graph), ", expected ",
                   Print(expected[i].type, graph));
    }
  }
  return absl::OkStatus();
}

// Each check relies on those before it.
absl::Status CheckInstruction(const Graph& graph, ValueId id) {
  const Instruction& instruction = graph.instructions[id];
  const Primitive* primitive = FindPrimitive(instruction.op);
  if (primitive == nullptr) return Fault("'", instruction.op, "' is no operation");
  if (absl::Status s = CheckReferences(graph, id); !s.ok()) return s;
  if (absl::Status s = CheckForm(graph, instruction, *primitive); !s.ok()) return s;
  if (absl::Status s = CheckAttributes(graph, instruction, *primitive); !s.ok()) return s;
  if (absl::Status s = CheckComputedType(graph, instruction, *primitive); !s.ok()) return s;
  return CheckParams(graph, instruction, *primitive);
}

absl::Status CheckResults(const Graph& graph) {
  if (graph.results.empty()) return Fault("the graph has no result");
  Names names;
  for (const Result& result : graph.results) {
    const std::string what = absl::StrCat("result '", result.name, "'");
    if (!names.insert(result.name).second) return Fault(what, ": its name is taken");
    if (!InRange(result.value, graph.instructions)) {
      return Fault(what, ": value ", result.value, " does not exist");
    }
    if (!std::isfinite(result.loss_weight)) return Fault(what, ": its weight is not finite");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Verify(const Graph& graph) {
  Names names;
  for (size_t i = 0; i < graph.decisions.size(); ++i) {
    const std::string& path = graph.decisions[i].path;
    absl::Status status = names.insert(path).second ? CheckDecision(graph, static_cast<int>(i))
                                                    : Fault("its name is taken");
    if (!status.ok()) return About(absl::StrCat("decision '@", path, "'"), status);
  }
  names.clear();
  for (const Param& param : graph.params) {
    absl::Status status = names.insert(param.name).second ? CheckType(graph, param.type, false)
                                                          : Fault("its name is taken");
    if (!status.ok()) return About(absl::StrCat("param '@", param.name, "'"), status);
  }
  names.clear();
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    const Instruction& instruction = graph.instructions[i];
    absl::Status status = names.insert(instruction.name).second
                              ? CheckInstruction(graph, static_cast<int>(i))
                              : Fault("its name is taken");
    if (!status.ok()) {
      return About(absl::StrCat("instruction '%", instruction.name, "' (", instruction.op, ")"),
                   status);
    }
  }
  return CheckResults(graph);
}

}  // namespace nasc::ir
