#pragma once

#include <functional>
#include <string>

#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/space.h"

namespace nasc {

// The graph of a scale, "" for the only one; nullptr where it cannot be lowered.
using GraphAtScale = std::function<const ir::Graph*(const std::string& scale)>;

// Compiles what a space requires into sums over its decisions that lie between two numbers, and
// adds them to the graph. `macs`, `weights` and `activations` are those of the scale that a
// requirement names. What a requirement asks of a decision that an architecture does not have
// holds.
void AddConstraints(const Space& space, const GraphAtScale& at_scale, ir::Graph& graph,
                    Diagnostics& diagnostics);

}  // namespace nasc
