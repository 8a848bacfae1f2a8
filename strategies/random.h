#pragma once

#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/random/random.h"

namespace nasc {

// Draws an architecture: every decision that is alive takes each of its options, or each subset of
// them, with equal probability.
Architecture SampleArchitecture(const std::vector<ir::Decision>& decisions, Rng& rng);

}  // namespace nasc
