#pragma once

#include <cstdint>

namespace nasc {

// The description length of a model in natural units (Rissanen, Automatica 1978; the score of
// Tenorio and Lee, NIPS 1988):
//
//   0.5 N log S^2 + 0.5 k log N
//
// where N rows were told with the mean squared error S^2 by k parameters. Targets have a variance
// of about 1 and come in float32, so errors below its resolution count as 2^-48.
double DescriptionLength(int64_t rows, double mean_squared_error, int64_t parameters);

}  // namespace nasc
