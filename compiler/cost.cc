#include "compiler/cost.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "compiler/primitives.h"

namespace nasc {

ir::Graph KeepResults(ir::Graph graph, const std::vector<std::string>& results) {
  graph.results.erase(std::remove_if(graph.results.begin(), graph.results.end(),
                                     [&](const ir::Result& result) {
                                       return !absl::c_linear_search(results, result.name);
                                     }),
                      graph.results.end());
  ir::RemoveDead(graph);
  return graph;
}

Cost CostOf(const ir::Graph& graph, const std::vector<std::string>& results) {
  const ir::Graph kept = KeepResults(graph, results);
  Cost cost;
  for (const ir::Param& param : kept.params) {
    if (param.role != ir::Param::Role::kWeight) continue;
    int64_t count = 1;
    for (const ir::Dim& dim : param.type.dims) count *= dim.Max();
    cost.weights += count;
  }
  for (const ir::Instruction& instruction : kept.instructions) {
    const MacsRule macs = FindPrimitive(instruction.op)->macs;
    if (macs != nullptr) cost.macs += macs(kept, instruction).Max();
  }
  return cost;
}

}  // namespace nasc
