#pragma once

#include <cstdint>

#include "compiler/program/program.h"

namespace nasc {

// Multiply-accumulate operations of a step for one image: those of convolutions and linear layers,
// of their gradients, and of what is computed again for these.
int64_t MacsOf(const Program& program, const ProgramStep& step);

// How many numbers a step reads and writes for one image: activations and weights.
int64_t TrafficOf(const Program& program, const ProgramStep& step);

}  // namespace nasc
