#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// How papers write architectures. Errors: a space that the notation is not for; what in a text does
// not fit the space.
struct Notation {
  const char* name;
  absl::StatusOr<std::string> (*write)(const ir::Graph& supernet, const Architecture& architecture);
  absl::StatusOr<Architecture> (*read)(const ir::Graph& supernet, absl::string_view text);
};

// nullptr if there is none.
const Notation* FindNotation(absl::string_view name);

std::vector<std::string> NotationNames();

}  // namespace nasc
