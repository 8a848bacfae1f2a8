#include "strategies/one_shot/collapse.h"

#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/taken.h"

namespace nasc {
namespace {

using ir::Instruction;
using ir::ValueId;

bool HasWeights(const ir::Graph& graph, const Instruction& instruction) {
  return absl::c_any_of(instruction.params, [&](ir::ParamId id) {
    return graph.params[id].role == ir::Param::Role::kWeight;
  });
}

// Instructions whose value is that of the operand taken.
const std::set<std::string>& PassesOn() {
  static const auto* const ops =
      new std::set<std::string>{"assume", "identity", "select", "switch", "when_relaxed"};
  return *ops;
}

// What the options of a choice are made of: the instructions whose names lie below its own.
class Edge {
 public:
  Edge(const ir::Graph& graph, ValueId select)
      : graph_(graph), below_(absl::StrCat(graph.instruction(select).name, ".")) {
    std::vector<ValueId> open = graph.instruction(select).operands;
    while (!open.empty()) {
      const ValueId value = open.back();
      open.pop_back();
      if (!absl::StartsWith(graph.instruction(value).name, below_)) {
        inputs_.insert(value);
      } else if (inside_.insert(value).second) {
        absl::c_copy(graph.instruction(value).operands, std::back_inserter(open));
      }
    }
  }

  const std::set<ValueId>& inside() const { return inside_; }

  // Whether it is a choice between operations with weights and others on the same value.
  bool is_edge() const {
    return inputs_.size() == 1 && absl::c_any_of(inside_, [this](ValueId value) {
             return HasWeights(graph_, graph_.instruction(value));
           });
  }

  // Whether the architecture computes the value from the input of the edge without any weight.
  bool IsParameterFree(ValueId value, const Architecture& architecture) const {
    if (inside_.count(value) == 0) return true;
    const Instruction& instruction = graph_.instruction(value);
    return !HasWeights(graph_, instruction) &&
           absl::c_all_of(OperandsTaken(graph_, instruction, &architecture),
                          [&](ValueId operand) { return IsParameterFree(operand, architecture); });
  }

  // Whether the value is the input of the edge, by way of instructions that only pass it on.
  bool IsInput(ValueId value, const Architecture& architecture) const {
    while (inside_.count(value) > 0) {
      const Instruction& instruction = graph_.instruction(value);
      if (PassesOn().count(instruction.op) == 0) return false;
      value = OperandsTaken(graph_, instruction, &architecture)[0];
    }
    return true;
  }

 private:
  const ir::Graph& graph_;
  std::string below_;
  std::set<ValueId> inside_;
  std::set<ValueId> inputs_;
};

struct Kind {
  bool parameter_free = true;
  bool identity = true;
};

// What the architecture takes at each decision between operations, wherever that is used. Later
// choices are the outer ones.
std::map<ir::DecisionId, Kind> KindsOf(const ir::Graph& supernet,
                                       const Architecture& architecture) {
  std::map<ir::DecisionId, Kind> kinds;
  std::set<ValueId> within;
  const std::vector<bool> needed = Needed(supernet, &architecture);
  for (size_t i = needed.size(); i-- > 0;) {
    const Instruction& select = supernet.instructions[i];
    const auto id = static_cast<ValueId>(i);
    if (!needed[i] || select.op != "select" || within.count(id) > 0) continue;
    const Edge edge(supernet, id);
    if (!edge.is_edge()) continue;
    within.insert(edge.inside().begin(), edge.inside().end());
    const ValueId taken = OperandsTaken(supernet, select, &architecture)[0];
    Kind& kind = kinds[select.decision];
    kind.parameter_free &= edge.IsParameterFree(taken, architecture);
    kind.identity &= edge.IsInput(taken, architecture);
  }
  return kinds;
}

}  // namespace

std::vector<CellOperations> OperationsOf(const ir::Graph& supernet,
                                         const Architecture& architecture) {
  std::vector<CellOperations> cells;
  for (const auto& [decision, kind] : KindsOf(supernet, architecture)) {
    const std::string& path = supernet.decisions[decision].path;
    const std::string name = path.substr(0, path.find('.'));
    auto cell = absl::c_find_if(cells, [&](const CellOperations& c) { return c.cell == name; });
    if (cell == cells.end()) cell = cells.insert(cell, {name});
    ++cell->edges;
    cell->parameter_free += kind.parameter_free ? 1 : 0;
    cell->identities += kind.identity ? 1 : 0;
  }
  return cells;
}

std::vector<Collapse> CollapsedCells(const ir::Graph& supernet, const Architecture& architecture) {
  std::vector<Collapse> collapsed;
  for (const CellOperations& cell : OperationsOf(supernet, architecture)) {
    if (2 * cell.parameter_free <= cell.edges) continue;
    collapsed.push_back({cell.cell, cell.parameter_free, cell.edges});
  }
  return collapsed;
}

std::string Describe(const Collapse& collapse) {
  return absl::StrCat("cell ", collapse.cell, " collapsed: ", collapse.parameter_free, " of its ",
                      collapse.edges, " edges take operations without weights");
}

}  // namespace nasc
