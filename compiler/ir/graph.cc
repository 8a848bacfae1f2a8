#include "compiler/ir/graph.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"

namespace nasc::ir {
namespace {

// Takes the elements that are not kept out of a list. Returns the new index of each old one, -1 for
// those that went.
template <typename T>
std::vector<int> Compact(std::vector<T>& list, const std::vector<bool>& kept) {
  std::vector<int> moved(list.size(), -1);
  std::vector<T> left;
  for (size_t i = 0; i < list.size(); ++i) {
    if (!kept[i]) continue;
    moved[i] = static_cast<int>(left.size());
    left.push_back(std::move(list[i]));
  }
  list = std::move(left);
  return moved;
}

template <typename T>
const T& AttributeAs(const Instruction& instruction, absl::string_view name) {
  const AttributeValue* value = FindAttribute(instruction, name);
  CHECK(value != nullptr) << instruction.name << " has no attribute " << name;
  const T* typed = std::get_if<T>(value);
  CHECK(typed != nullptr) << "attribute " << name << " of " << instruction.name
                          << " is of another kind";
  return *typed;
}

}  // namespace

bool Agree(const TensorType& a, const TensorType& b, Assignment* failed) {
  if (a.dims.size() != b.dims.size()) return false;
  for (size_t i = 0; i < a.dims.size(); ++i) {
    if (!Agree(a.dims[i], b.dims[i], failed)) return false;
  }
  return true;
}

Variable VariableOf(const Decision& decision, DecisionId id, int option) {
  return {id, decision.kind == Decision::Kind::kOne ? -1 : option};
}

int BranchOf(const Decision& decision, int option) {
  return decision.kind == Decision::Kind::kOne ? option : 1;
}

Condition Takes(const Decision& decision, DecisionId id, int option) {
  std::vector<Condition> branches(
      decision.kind == Decision::Kind::kOne ? decision.options.size() : 2, Condition(false));
  branches[BranchOf(decision, option)] = Condition(true);
  return Condition::Choice(VariableOf(decision, id, option), std::move(branches));
}

std::string NameOf(const Variable& variable, const std::vector<Decision>& decisions) {
  const int id = variable.decision;
  if (id < 0 || static_cast<size_t>(id) >= decisions.size()) return "?";
  const Decision& decision = decisions[id];
  if (variable.option < 0) return decision.path;
  const bool known = static_cast<size_t>(variable.option) < decision.options.size();
  return absl::StrCat(decision.path, "{", known ? decision.options[variable.option] : "?", "}");
}

std::string Describe(const Assignment& assignment, const std::vector<Decision>& decisions) {
  return absl::StrJoin(assignment, ", ", [&](std::string* out, const auto& taken) {
    const auto& [variable, branch] = taken;
    const Decision& decision = decisions[variable.decision];
    if (variable.option < 0) {
      absl::StrAppend(out, decision.path, " = ", decision.options[branch]);
    } else {
      absl::StrAppend(out, decision.path, branch == 1 ? " takes " : " leaves out ",
                      decision.options[variable.option]);
    }
  });
}

const AttributeValue* FindAttribute(const Instruction& instruction, absl::string_view name) {
  for (const Attribute& attribute : instruction.attributes) {
    if (attribute.name == name) return &attribute.value;
  }
  return nullptr;
}

int64_t WholeAttribute(const Instruction& instruction, absl::string_view name) {
  const Dim& dim = AttributeAs<Dim>(instruction, name);
  CHECK(dim.is_constant()) << "attribute " << name << " of " << instruction.name
                           << " depends on a decision";
  return dim.value();
}

double RealAttribute(const Instruction& instruction, absl::string_view name) {
  return AttributeAs<double>(instruction, name);
}

bool RemoveDead(Graph& graph) {
  std::vector<bool> live(graph.instructions.size());
  std::vector<bool> live_params(graph.params.size());
  for (const Result& result : graph.results) live[result.value] = true;
  // Users come after what they use, so one walk from the back finds everything.
  for (size_t i = graph.instructions.size(); i-- > 0;) {
    const Instruction& instruction = graph.instructions[i];
    // Programs are called with the inputs, needed or not.
    if (instruction.op == "input" || instruction.op == "features") live[i] = true;
    if (!live[i]) continue;
    for (const ValueId operand : instruction.operands) live[operand] = true;
    for (const ParamId param : instruction.params) live_params[param] = true;
  }

  const auto all = [](const std::vector<bool>& flags) {
    return std::all_of(flags.begin(), flags.end(), [](bool flag) { return flag; });
  };
  if (all(live) && all(live_params)) return false;

  const std::vector<int> value = Compact(graph.instructions, live);
  const std::vector<int> param = Compact(graph.params, live_params);
  for (Instruction& instruction : graph.instructions) {
    for (ValueId& operand : instruction.operands) operand = value[operand];
    for (ParamId& id : instruction.params) id = param[id];
  }
  for (Result& result : graph.results) result.value = value[result.value];
  return true;
}

}  // namespace nasc::ir
