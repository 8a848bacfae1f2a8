#pragma once

#include <cstddef>

#include "absl/types/span.h"

namespace nasc {

// The mean of some numbers, which must be there, and how far it is known.
struct Estimate {
  double mean = 0;
  double deviation = 0;   // of the numbers, with n - 1; 0 for one
  double error = 0;       // of the mean: deviation / sqrt(n)
  double half_width = 0;  // of the 95% interval of the mean by Student's t; infinite for one number
  size_t count = 0;
};
Estimate EstimateMean(absl::Span<const double> numbers);

// The quantile 0.975 of Student's t.
double StudentT975(size_t degrees);

}  // namespace nasc
