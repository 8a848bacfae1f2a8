#include "compiler/ir/verifier.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
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

// Each node once, though it may be on many ways.
template <typename Leaf>
absl::Status CheckVariables(const Graph& graph, const Diagram<Leaf>& diagram) {
  absl::Status status;
  ForEachNode(diagram, [&](const Diagram<Leaf>& node) {
    if (!status.ok() || !node.is_choice()) return;
    const Variable& variable = node.variable();
    if (!InRange(variable.decision, graph.decisions)) {
      status = Fault("depends on decision ", variable.decision, ", which does not exist");
      return;
    }
    const Decision& decision = graph.decisions[variable.decision];
    const bool one = decision.kind == Decision::Kind::kOne;
    if (one ? variable.option != -1 : !InRange(variable.option, decision.options)) {
      status = Fault("depends on an option that '@", decision.path, "' does not have");
    } else if (node.branches().size() != (one ? decision.options.size() : 2)) {
      status = Fault("has ", node.branches().size(), " branches by '@", decision.path, "'");
    }
  });
  return status;
}

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
  if (decision.least < 0 || decision.least > decision.most || decision.most > count) {
    return Fault("takes ", decision.least, " to ", decision.most, " of ", count, " options");
  }
  if (decision.kind == Decision::Kind::kOne && (decision.least != 1 || decision.most != 1)) {
    return Fault("is one of its options and takes another number");
  }
  absl::Status status = CheckVariables(graph, decision.alive);
  ForEachNode(decision.alive, [&](const Condition& node) {
    if (status.ok() && node.is_choice() && node.variable().decision >= id) {
      status = Fault("comes before a decision that it depends on");
    }
  });
  return status;
}

absl::Status CheckNumber(const Graph& graph, const Dim& dim) {
  if (dim.is_constant()) return absl::OkStatus();
  if (dim.is_too_complex()) return Fault("depends on too many decisions at once");
  for (const Diagram<int64_t>& term : dim.terms()) {
    if (absl::Status status = CheckVariables(graph, term); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckType(const Graph& graph, const TensorType& type, bool with_batch) {
  for (size_t axis = 0; axis < type.dims.size(); ++axis) {
    const Dim& dim = type.dims[axis];
    if (absl::Status status = CheckNumber(graph, dim); !status.ok()) {
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
  if (several != (decision.kind == Decision::Kind::kSome)) {
    return Fault("'@", decision.path, "' takes ", several ? "one option" : "several options");
  }
  std::vector<std::string> labels = decision.options;
  for (const char* extra : {"and", "else"}) {
    if (several && absl::c_linear_search(instruction.labels, extra)) labels.emplace_back(extra);
  }
  return CheckLabels(instruction, labels);
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
  if (op == "switch") {
    if (instruction.decision != -1) return Fault("takes no decision");
    if (instruction.labels.size() != instruction.operands.size()) {
      return Fault("has ", instruction.labels.size(), " labels for ", instruction.operands.size(),
                   " operands");
    }
    return CheckOperandCount(instruction, 1, kMany);
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
      if (op == "pick") return CheckOperandCount(instruction, 2, 2);
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
    if (*real > static_cast<double>(spec.most)) return Fault("is ", *real, ", above ", spec.most);
    return absl::OkStatus();
  }
  const Dim& dim = std::get<Dim>(value);
  if (!spec.whole) return Fault("is a whole number, expected a real");
  if (dim.is_batch()) return Fault("is the batch");
  if (absl::Status status = CheckNumber(graph, dim); !status.ok()) return status;
  if (dim.Min() < spec.least) return Fault("is ", dim.Min(), ", below ", spec.least);
  if (dim.Max() > spec.most) return Fault("is ", dim.Max(), ", above ", spec.most);
  return absl::OkStatus();
}

absl::Status CheckAttributes(const Graph& graph, const Instruction& instruction,
                             const Primitive& primitive) {
  const bool same = absl::c_equal(
      instruction.attributes, primitive.attributes,
      [](const Attribute& found, const AttributeSpec& spec) { return found.name == spec.name; });
  if (!same) {
    const auto name = [](std::string* out, const auto& named) { out->append(named.name); };
    return Fault("has the attributes (", absl::StrJoin(instruction.attributes, ", ", name),
                 "), expected (", absl::StrJoin(primitive.attributes, ", ", name), ")");
  }
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
    absl::string_view below = param.name;
    const bool named = absl::ConsumePrefix(&below, instruction.name) &&
                       absl::ConsumePrefix(&below, ".") && below == expected[i].name;
    if (!named) {
      return Fault("has the param '@", param.name, "', expected '@", instruction.name, ".",
                   expected[i].name, "'");
    }
    if (param.role != expected[i].role) {
      return Fault("param '@", param.name, "' is a ",
                   param.role == Param::Role::kWeight ? "weight, expected a buffer"
                                                      : "buffer, expected a weight");
    }
    if (param.type != expected[i].type) {
      return Fault("param '@", param.name, "' has the type ", Print(param.type, graph),
                   ", expected ", Print(expected[i].type, graph));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPart(const Graph& graph, const Param& param) {
  if (param.whole.dims.empty()) return absl::OkStatus();
  bool fits = param.type.dims.size() == param.whole.dims.size();
  for (size_t i = 0; fits && i < param.type.dims.size(); ++i) {
    const Dim& part = param.type.dims[i];
    const Dim& whole = param.whole.dims[i];
    fits = part.is_constant() && whole.is_constant() && part.value() <= whole.value();
  }
  if (fits) return absl::OkStatus();
  return Fault("has the type ", Print(param.type, graph), ", which is no part of ",
               Print(param.whole, graph));
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
  for (const Constraint& constraint : graph.constraints) {
    const absl::Status status = CheckNumber(graph, constraint.value);
    if (!status.ok()) return About(absl::StrCat("constraint '", constraint.text, "'"), status);
  }
  names.clear();
  names.reserve(graph.params.size());
  for (const Param& param : graph.params) {
    absl::Status status = names.insert(param.name).second ? CheckType(graph, param.type, false)
                                                          : Fault("its name is taken");
    if (status.ok()) status = CheckPart(graph, param);
    if (!status.ok()) return About(absl::StrCat("param '@", param.name, "'"), status);
  }
  names.clear();
  names.reserve(graph.instructions.size());
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
