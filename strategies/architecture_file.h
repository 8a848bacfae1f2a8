#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Reads an architecture of the space of the graph. Error: that of reading the file; the
// diagnostics.
absl::StatusOr<Architecture> LoadArchitecture(const std::string& path, const ir::Graph& graph);

}  // namespace nasc
