#include "runtime/random/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

// The reference xoshiro256** (Blackman and Vigna) from the state {1, 2, 3, 4}; published first
// outputs.
TEST(RngTest, FollowsTheReferenceGenerator) {
  Rng rng(0);
  rng.set_state({1, 2, 3, 4});
  EXPECT_EQ(rng.Next(), 11520u);
  EXPECT_EQ(rng.Next(), 0u);
  EXPECT_EQ(rng.Next(), 1509978240u);
  EXPECT_EQ(rng.Next(), 1215971899390074240u);
}

// splitmix64 from 0 gives e220a8397b1dcdaf first (published): the finaliser of the golden ratio.
TEST(RngTest, MixBitsIsSplitmix) { EXPECT_EQ(MixBits(0x9e3779b97f4a7c15u), 0xe220a8397b1dcdafu); }

// Golden values: a change here changes every seeded run.
TEST(RngTest, GoldenValues) {
  Rng rng(42);
  EXPECT_EQ(rng.Next(), 5738244636943104916u);
  EXPECT_EQ(rng.Next(), 8947695960816835825u);
  EXPECT_EQ(rng.Below(1000), 389u);
  EXPECT_EQ(rng.Uniform(), 0x1.25527053aaebp-3);
  EXPECT_EQ(rng.Gaussian(), 0x1.cc1cd776f732cp-3);
  EXPECT_EQ(Rng(42, 1).Next(), 2212575144974101508u);
  EXPECT_EQ(HashSeed(42, "shuffle"), 2763631981072185015u);
  EXPECT_EQ(HashSeed(0, ""), 12591593934349417548u);
  std::vector<int> values = {0, 1, 2, 3, 4, 5, 6, 7};
  Rng(7).Shuffle(&values);
  EXPECT_EQ(values, (std::vector<int>{5, 7, 0, 1, 3, 6, 4, 2}));
}

TEST(RngTest, SeedsAndStreamsDiffer) {
  std::set<uint64_t> first;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (uint64_t stream = 0; stream < 30; ++stream) first.insert(Rng(seed, stream).Next());
  }
  EXPECT_EQ(first.size(), 900u);
  EXPECT_EQ(Rng(5).state(), Rng(5, 0).state());
}

TEST(RngTest, HashSeedDependsOnBoth) {
  EXPECT_NE(HashSeed(1, "a"), HashSeed(2, "a"));
  EXPECT_NE(HashSeed(1, "a"), HashSeed(1, "b"));
  EXPECT_NE(HashSeed(1, "ab"), HashSeed(1, "ba"));
  EXPECT_NE(HashSeed(1, ""), HashSeed(1, absl::string_view("\0", 1)));
}

TEST(RngTest, ContinuesFromItsState) {
  Rng rng(3);
  rng.Gaussian();
  Rng other(99);
  other.set_state(rng.state());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(rng.Gaussian(), other.Gaussian());
}

TEST(RngTest, UniformHasItsMoments) {
  Rng rng(11);
  const int n = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.Uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 1.0 / 2, 0.003);
  EXPECT_NEAR(squares / n, 1.0 / 3, 0.003);
}

TEST(RngTest, BelowIsUniform) {
  Rng rng(12);
  const int n = 70000;
  std::vector<int> counts(7);
  for (int i = 0; i < n; ++i) ++counts[rng.Below(7)];
  double chi_squared = 0;
  for (int count : counts) chi_squared += (count - n / 7.0) * (count - n / 7.0) / (n / 7.0);
  EXPECT_LT(chi_squared, 22.5);  // 6 degrees of freedom, p = 0.001.
  EXPECT_EQ(rng.Below(1), 0u);
  // Here a plain modulus would give the lowest third one time in two.
  const uint64_t large = (uint64_t{1} << 63) + (uint64_t{1} << 62);  // 3/4 of the range.
  int low = 0;
  for (int i = 0; i < n; ++i) {
    const uint64_t x = rng.Below(large);
    ASSERT_LT(x, large);
    low += x < large / 3;
  }
  EXPECT_NEAR(low / static_cast<double>(n), 1.0 / 3, 0.01);
}

// Compares the empirical distribution with the normal one (Kolmogorov-Smirnov), and the tails by
// count.
TEST(RngTest, GaussianIsNormal) {
  Rng rng(13);
  const int n = 200000;
  std::vector<double> values(n);
  for (double& value : values) value = rng.Gaussian();
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (int i = 0; i < n; ++i) {
    const double expected = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    distance = std::max(
        {distance, std::abs(expected - i / double{n}), std::abs(expected - (i + 1) / double{n})});
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(double{n}));  // p = 0.001.
  const auto beyond = [&](double x) {
    return std::count_if(values.begin(), values.end(), [x](double v) { return std::abs(v) > x; });
  };
  EXPECT_NEAR(beyond(2), 0.0455003 * n, 4 * std::sqrt(0.0455003 * n));
  EXPECT_NEAR(beyond(3), 0.0026998 * n, 4 * std::sqrt(0.0026998 * n));
}

TEST(RngTest, ShuffleIsAUniformPermutation) {
  Rng rng(14);
  const int n = 24000;
  std::vector<int> counts(24);
  for (int i = 0; i < n; ++i) {
    std::vector<int> order = {0, 1, 2, 3};
    rng.Shuffle(&order);
    int rank = 0;
    for (int a = 0, scale[] = {6, 2, 1, 0}; a < 4; ++a) {
      for (int b = a + 1; b < 4; ++b) rank += scale[a] * (order[b] < order[a]);
    }
    ++counts[rank];
  }
  double chi_squared = 0;
  for (int count : counts) chi_squared += (count - n / 24.0) * (count - n / 24.0) / (n / 24.0);
  EXPECT_LT(chi_squared, 49.7);  // 23 degrees of freedom, p = 0.001.

  std::vector<int> none;
  rng.Shuffle(&none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace nasc
