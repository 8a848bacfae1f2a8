#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// The logits that an architecture computes for four random images, with random weights in float64:
// instruction weighted[i] has the weights of stream streams[i], all others those of their names.
// Equal numbers give equal weights wherever shapes are equal.
absl::StatusOr<std::vector<double>> RandomLogits(const ir::Graph& supernet,
                                                 const Architecture& architecture,
                                                 const std::vector<std::string>& weighted,
                                                 const std::vector<int>& streams);

// The greatest difference of two lists of logits.
double Distance(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace nasc
