// Which images of a set a part of the training uses.
#pragma once

#include <cstdint>
#include <vector>

namespace nasc {

// The indices 0, 1, ... of the first `limit` of `count` images, or of all of them where limit is 0
// or above the count.
std::vector<int64_t> FirstIndices(int64_t count, int64_t limit);

// Two parts without a common element.
struct Split {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
};

// Splits 0 .. count - 1 at random, decided by the seed alone: `second` gets round(count *
// second_fraction) of them (the fraction is clamped to 0 .. 1), `first` the rest, both in random
// order. To use only the first n images, give std::min(n, images.size()) as the count.
Split SplitIndices(int64_t count, double second_fraction, uint64_t seed);

}  // namespace nasc
