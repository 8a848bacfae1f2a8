#pragma once

#include <cstdint>

#include "absl/container/inlined_vector.h"

namespace nasc {

// An architecture packed into bits of fixed places, by the layout of its DecisionSpace: small to
// keep, to compare and to hash. Two codes of a space are equal exactly when the architectures are.
using ArchitectureCode = absl::InlinedVector<uint64_t, 3>;

}  // namespace nasc
