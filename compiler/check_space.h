#pragma once

#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/space.h"

namespace nasc {

// Looks for what is legal and likely not meant: constraints that no architecture or every one
// fulfils, options that no architecture can take, decisions that change nothing, candidates that
// are equal.
void CheckSpace(const ir::Graph& graph, Diagnostics& diagnostics);

// Whether there is what a space says that something was renamed to.
void CheckRenames(const Space& space, const ir::Graph& graph, Diagnostics& diagnostics);

}  // namespace nasc
