#pragma once

#include <string>

#include "compiler/ir/graph.h"

namespace nasc {

// The graph in Graphviz's language, for `dot -Tsvg`: a box a value, a dashed box a decision, a
// cluster for each cell or part of the network.
std::string PrintDot(const ir::Graph& graph);

}  // namespace nasc
