#pragma once

#include "compiler/versions/renames.h"
#include "runtime/saved_state.h"

namespace nasc {

// Tensors of weights under the names that they have in the new version.
NamedTensors WithNewNames(NamedTensors tensors, const Renames& renames);

}  // namespace nasc
