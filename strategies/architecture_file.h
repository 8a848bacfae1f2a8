#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What a search found, or a network is made of, in the folder of its results.
inline constexpr char kArchitectureFile[] = "architecture.arch";

// Reads an architecture of the space of the graph. Error: that of reading the file; the
// diagnostics.
absl::StatusOr<Architecture> LoadArchitecture(const std::string& path, const ir::Graph& graph);

}  // namespace nasc
