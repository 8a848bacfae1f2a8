#include "compiler/taken.h"

#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"

namespace nasc {
namespace {

std::vector<ir::ValueId> OfSubset(const ir::Graph& graph, const ir::Instruction& subset,
                                  const Architecture* architecture) {
  std::vector<ir::ValueId> operands;
  const size_t options = graph.decisions[subset.decision].options.size();
  for (size_t i = 0; i < options; ++i) {
    const bool taken =
        architecture == nullptr || absl::c_linear_search(architecture->picks[subset.decision], i);
    if (taken) operands.push_back(subset.operands[i]);
  }
  for (size_t i = options; i < subset.operands.size(); ++i) {
    const bool otherwise = subset.labels[i] == "else";
    if (!otherwise || operands.empty()) operands.push_back(subset.operands[i]);
  }
  return operands;
}

}  // namespace

ir::Dim FixDim(const ir::Dim& dim, const Architecture* architecture) {
  if (architecture == nullptr || !dim.is_open()) return dim;
  return dim.Fix([architecture](const ir::Variable& variable) {
    return BranchTaken(*architecture, variable);
  });
}

std::vector<ir::ValueId> OperandsTaken(const ir::Graph& graph, const ir::Instruction& instruction,
                                       const Architecture* architecture, bool relaxed) {
  const std::vector<ir::ValueId>& all = instruction.operands;
  const absl::string_view op = instruction.op;  // compares lengths first: this is asked often
  if (op == "when_relaxed") return {all[relaxed || architecture == nullptr ? 0 : 1]};
  if (op == "subset") return OfSubset(graph, instruction, architecture);
  if (architecture == nullptr) return all;
  if (op == "select") {
    return {all[BranchTaken(*architecture, {instruction.decision, -1})]};
  }
  if (op == "switch") {
    const ir::Dim index =
        FixDim(std::get<ir::Dim>(*ir::FindAttribute(instruction, "index")), architecture);
    return {all[index.is_constant() ? index.value() : 0]};
  }
  return all;
}

std::vector<bool> Needed(const ir::Graph& graph, const Architecture* architecture, bool relaxed) {
  std::vector<bool> needed(graph.instructions.size());
  for (const ir::Result& result : graph.results) needed[result.value] = true;
  for (size_t i = graph.instructions.size(); i-- > 0;) {
    const ir::Instruction& instruction = graph.instructions[i];
    const absl::string_view op = instruction.op;
    if (op == "input" || op == "features") needed[i] = true;
    if (!needed[i]) continue;
    for (const ir::ValueId operand : OperandsTaken(graph, instruction, architecture, relaxed)) {
      needed[operand] = true;
    }
  }
  return needed;
}

}  // namespace nasc
