#include "runtime/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/random/random.h"

namespace nasc {

std::vector<int64_t> FirstIndices(int64_t count, int64_t limit) {
  std::vector<int64_t> indices(limit > 0 ? std::min(count, limit) : count);
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

Split SplitIndices(int64_t count, double second_fraction, uint64_t seed) {
  std::vector<int64_t> order = FirstIndices(count, 0);
  Rng(HashSeed(seed, "split")).Shuffle(&order);
  const double fraction = std::min(1.0, std::max(0.0, second_fraction));
  const auto middle = order.end() - std::llround(static_cast<double>(count) * fraction);
  return {{order.begin(), middle}, {middle, order.end()}};
}

}  // namespace nasc
