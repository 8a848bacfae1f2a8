#pragma once

#include <cstdint>
#include <string>

#include "compiler/ir/graph.h"

namespace nasc {

// What a graph without open decisions costs.
struct Cost {
  int64_t weights = 0;  // trained numbers; buffers do not count
  int64_t macs = 0;     // multiply-accumulates of convolutions and linear layers, of one image
};

// The cost of computing the named results; what only other results need does not count.
Cost CostOf(const ir::Graph& graph, const std::vector<std::string>& results);

// The graph that computes only the named results.
ir::Graph KeepResults(ir::Graph graph, const std::vector<std::string>& results);

}  // namespace nasc
