#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"

namespace nasc::ir {

// Reads the text that the printer writes. Error: "line:column: what was found, what was expected".
absl::StatusOr<Graph> ParseGraph(absl::string_view text);

}  // namespace nasc::ir
