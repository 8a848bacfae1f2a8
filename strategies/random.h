#pragma once

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/random/random.h"

namespace nasc {

// Draws an architecture that fulfils the constraints: every decision that is alive takes each of
// its options, or each set of them, with equal probability, until one does. The constraints must be
// satisfiable; where hardly any architecture fulfils them this takes long.
Architecture SampleArchitecture(const ir::Graph& supernet, Rng& rng);

}  // namespace nasc
