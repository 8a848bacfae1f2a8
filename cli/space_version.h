#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/versions/compiled_space.h"

namespace nasc {

// A version of a space, by what a user calls it: a .space file, one of a git revision
// ("HEAD~1:path", with what it imports as it was then), or a compiled space. Errors: those of
// reading it; the diagnostics.
absl::StatusOr<CompiledSpace> LoadVersion(const std::string& name);

// The space of a text that stands for the file at `path`, by which its imports are found.
absl::StatusOr<CompiledSpace> VersionOf(const std::string& path, std::string text);

}  // namespace nasc
