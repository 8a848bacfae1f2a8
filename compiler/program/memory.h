#pragma once

#include <cstdint>
#include <vector>

#include "compiler/program/program.h"

namespace nasc {

struct MemoryOptions {
  int64_t batch = 1;
  int64_t bytes = 4;  // of a number of an activation or a weight
};

// The most bytes that the values of a program hold at the same time, above its input and its
// weights, and the step at which they do. What a step needs only while it runs is counted with it.
struct PeakMemory {
  int64_t bytes = 0;
  int step = -1;
};
PeakMemory PeakOf(const Program& program, const MemoryOptions& options);

// Lets the backward part compute again what it needs of the forward part, a segment of it at a
// time, instead of keeping it. Segments end where the forward part alone holds least: in a stack of
// cells, between two of them. Statistics, coefficients and masks are kept, so that nothing is drawn
// or updated twice, and what is computed again has the same bits.
void RecomputeSegments(Program& program);

}  // namespace nasc
