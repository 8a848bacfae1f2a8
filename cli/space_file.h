#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/lower.h"
#include "dsl/sources.h"
#include "dsl/space.h"

namespace nasc {

// Reads and checks a file with its imports; warnings go to stderr. Error: the diagnostics.
// Libraries are looked for in `libraries` first, where that is not empty.
absl::StatusOr<Sources> LoadChecked(const std::string& path, const std::string& libraries = "");

// The space that a file defines, or the only one that it imports.
absl::StatusOr<Space> SpaceIn(const Sources& sources);

// `--input 3x32x32 --classes 10`: what replaces the space's defaults; nothing for "".
absl::StatusOr<std::optional<InputSpec>> ParseInput(const std::string& input, int64_t classes);

}  // namespace nasc
