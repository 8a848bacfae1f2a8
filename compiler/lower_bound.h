#pragma once

#include <cstdint>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What is known of the least of a sum; what is undefined counts as 0.
struct LowerBound {
  int64_t bound = 0;    // no architecture is below
  Architecture likely;  // often one that is at the bound, but constraints are not asked
};

LowerBound LowerBoundOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions);

}  // namespace nasc
