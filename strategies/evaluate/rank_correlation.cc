#include "strategies/evaluate/rank_correlation.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/algorithm/container.h"
#include "glog/logging.h"

namespace nasc {
namespace {

// From 0, less their mean.
std::vector<double> CentredRanks(absl::Span<const double> values) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  absl::c_sort(order, [&](size_t i, size_t k) { return values[i] < values[k]; });
  std::vector<double> ranks(values.size());
  const double mean = (static_cast<double>(values.size()) - 1) / 2;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + end - 1) / 2 - mean;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

double RankCorrelation(absl::Span<const double> a, absl::Span<const double> b) {
  CHECK_EQ(a.size(), b.size());
  const std::vector<double> ranks_a = CentredRanks(a);
  const std::vector<double> ranks_b = CentredRanks(b);
  const double spread = std::sqrt(Dot(ranks_a, ranks_a) * Dot(ranks_b, ranks_b));
  return spread > 0 ? Dot(ranks_a, ranks_b) / spread : 0;
}

double KendallCorrelation(absl::Span<const double> a, absl::Span<const double> b) {
  CHECK_EQ(a.size(), b.size());
  double agree = 0;
  double unlike_a = 0;
  double unlike_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t k = i + 1; k < a.size(); ++k) {
      const int order_a = (a[i] > a[k]) - (a[i] < a[k]);
      const int order_b = (b[i] > b[k]) - (b[i] < b[k]);
      agree += order_a * order_b;
      unlike_a += order_a != 0;
      unlike_b += order_b != 0;
    }
  }
  const double pairs = std::sqrt(unlike_a * unlike_b);
  return pairs > 0 ? agree / pairs : 0;
}

}  // namespace nasc
