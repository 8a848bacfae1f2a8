#pragma once

#include <cstddef>

// The two loops that small networks in double precision spend their time in.
namespace nasc {

// y += a * x, of n numbers each.
inline void AddScaled(double a, const double* x, size_t n, double* y) {
  for (size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

// The sum of x[i] * y[i], in four partial sums, which the processor adds side by side.
inline double Dot(const double* x, const double* y, size_t n) {
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t k = 0; k < 4; ++k) sums[k] += x[i + k] * y[i + k];
  }
  for (; i < n; ++i) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace nasc
