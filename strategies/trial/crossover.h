#pragma once

#include "runtime/random/random.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// A child of two architectures: each decision that is alive in it is inherited from either parent,
// each as likely, or from the only one in which it is alive, and else drawn. Where none of many
// tries fulfils the constraints it is the first parent.
ArchitectureCode Cross(const DecisionSpace& space, const ArchitectureCode& first,
                       const ArchitectureCode& second, Rng& rng);

}  // namespace nasc
