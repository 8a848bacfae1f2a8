#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"

namespace nasc {

// What each operation and set of a file calls, of the same file, by their names in the tree.
// Imports go in no circle, so a circle stays in its file.
using CallGraph = absl::flat_hash_map<const ast::Identifier*, std::vector<const ast::Identifier*>>;

// Reports operations and sets that contain themselves, each circle once. `names` gives the order.
void CheckCircles(const std::vector<const ast::Identifier*>& names, const CallGraph& calls,
                  Diagnostics& diagnostics);

}  // namespace nasc
