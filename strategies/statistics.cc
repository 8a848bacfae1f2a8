#include "strategies/statistics.h"

#include <cmath>
#include <limits>

namespace nasc {

double StudentT975(size_t degrees) {
  if (degrees == 0) return std::numeric_limits<double>::infinity();
  static constexpr double kFew[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706,
                                    2.4469,  2.3646, 2.3060, 2.2622, 2.2281};
  if (degrees <= 10) return kFew[degrees - 1];
  // Fisher's expansion around the normal quantile; off by less than 1e-4 from here on.
  const double z = 1.959963985;
  const double n = static_cast<double>(degrees);
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
         (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

Estimate EstimateMean(absl::Span<const double> numbers) {
  Estimate estimate;
  estimate.count = numbers.size();
  const auto n = static_cast<double>(numbers.size());
  for (double number : numbers) estimate.mean += number / n;
  double squares = 0;
  for (double number : numbers) squares += (number - estimate.mean) * (number - estimate.mean);
  if (numbers.size() > 1) estimate.deviation = std::sqrt(squares / (n - 1));
  estimate.error = estimate.deviation / std::sqrt(n);
  estimate.half_width = numbers.size() > 1 ? StudentT975(numbers.size() - 1) * estimate.error
                                           : std::numeric_limits<double>::infinity();
  return estimate;
}

}  // namespace nasc
