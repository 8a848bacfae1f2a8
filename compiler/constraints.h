#pragma once

#include <functional>
#include <optional>
#include <string>

#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/space.h"

namespace nasc {

// Compiles what a space requires into sums over its decisions that lie between two numbers, and
// adds them to the graph. `macs`, `weights` and `activations` are those of the scale that a
// requirement names: `at_scale` gives its graph, or nothing where there is none. What a requirement
// asks of a decision that an architecture does not have holds.
void AddConstraints(const Space& space,
                    const std::function<std::optional<ir::Graph>(const std::string&)>& at_scale,
                    ir::Graph& graph, Diagnostics& diagnostics);

}  // namespace nasc
