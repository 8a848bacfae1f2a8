#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// The text of a file of the standard library, such as "std/cnn.space"; it is part of the program.
absl::StatusOr<std::string> StandardLibraryFile(absl::string_view path);

// "std.cnn", ...
std::vector<std::string> StandardLibraryNames();

}  // namespace nasc
