#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/saved_state.h"

namespace nasc {

// Writes tensors by name, all at once or not at all. `dict(torch.load(path))` in Python gives them
// by name.
absl::Status SaveTensors(const std::string& path, const NamedTensors& tensors);

// Errors: a file that is missing, cut off, or holds something else. Numbers that were changed in it
// are not noticed.
absl::StatusOr<NamedTensors> LoadTensors(const std::string& path);

}  // namespace nasc
