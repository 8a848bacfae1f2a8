#pragma once

#include <string>

#include "absl/strings/string_view.h"

// Versions of spaces follow semantic versioning over the set of architectures.
namespace nasc {

enum class VersionStep {
  kNone,
  kPatch,  // the same architectures and the same supernet, written otherwise
  kMinor,  // every old architecture is still there and computes the same
  kMajor,  // some are not
};

// "none", "patch", "minor", "major".
const char* NameOf(VersionStep step);

// The step that a header makes, from "1.0.3" to "1.1.0" a minor one. While the first number is 0, a
// step of the second counts as major and one of the third as minor. kNone where the version stays
// or goes back.
VersionStep StepBetween(absl::string_view from, absl::string_view to);

// "1.1.0" to "1.0.3".
bool GoesBack(absl::string_view from, absl::string_view to);

// The version that a step leads to.
std::string NextVersion(absl::string_view from, VersionStep step);

}  // namespace nasc
