#pragma once

#include "absl/status/status.h"
#include "compiler/ir/graph.h"

namespace nasc::ir {

// Whether a graph is what the rest of the compiler relies on: names are unique, operands precede
// their users, every operation is in the table of primitives, and attributes, types, weights and
// labels are those that the table gives. Runs after every pass; the first fault is the error.
absl::Status Verify(const Graph& graph);

}  // namespace nasc::ir
