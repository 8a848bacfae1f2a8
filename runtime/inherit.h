#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "compiler/inherit/plan.h"
#include "compiler/program/program.h"
#include "runtime/parameter_store.h"
#include "runtime/saved_state.h"

namespace nasc {

// Fills a store with what a network inherits, before it is made. `donor` holds the weights and
// buffers by name. Copies of a channel get unequal shares, drawn by the seed, of the weights that
// read it: they sum up to what was read before, and the copies learn to differ. Error: a tensor
// that the plan names is not there or has another shape.
absl::Status InheritWeights(const InheritPlan& plan, const NamedTensors& donor,
                            const Program& program, uint64_t seed, ParameterStore& store);

}  // namespace nasc
