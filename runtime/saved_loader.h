#pragma once

#include <string>

#include "absl/status/status.h"
#include "runtime/data/loader.h"
#include "runtime/saved_state.h"

namespace nasc {

// Where a loader stands, as a tensor of int64. RestoreLoader reads the tensor of that name:
// DataLoss where there is none, InvalidArgument where the loader has no such place; no change then.
at::Tensor SaveLoader(const Loader& loader);
absl::Status RestoreLoader(const NamedTensors& saved, const std::string& name, Loader& loader);

}  // namespace nasc
