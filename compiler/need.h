#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace nasc {

// By instruction, which architectures ask for it when they compute these results. Options that only
// compete while relaxed count as any: what holds where one of them is taken does not matter. Where
// a condition has more than `most_nodes`, it is of more architectures, and `exact` becomes false.
std::vector<ir::Condition> NeededWhen(const ir::Graph& graph,
                                      const std::vector<std::string>& results, size_t most_nodes,
                                      bool* exact);

}  // namespace nasc
