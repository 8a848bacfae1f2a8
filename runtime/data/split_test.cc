#include "runtime/data/split.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

TEST(SplitTest, IsAPartition) {
  for (double fraction : {0.0, 0.1, 0.25, 0.5, 0.999, 1.0}) {
    const Split split = SplitIndices(1001, fraction, 5);
    EXPECT_EQ(split.second.size(), static_cast<size_t>(1001 * fraction + 0.5)) << fraction;
    std::vector<int64_t> all = split.first;
    all.insert(all.end(), split.second.begin(), split.second.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, FirstIndices(1001, 0)) << fraction;
  }
}

TEST(SplitTest, IsDecidedByTheSeed) {
  EXPECT_EQ(SplitIndices(100, 0.5, 5).first, SplitIndices(100, 0.5, 5).first);
  EXPECT_NE(SplitIndices(100, 0.5, 5).first, SplitIndices(100, 0.5, 6).first);
  EXPECT_EQ(SplitIndices(10, 0.3, 1).second, (std::vector<int64_t>{5, 3, 1}));
}

TEST(SplitTest, IsRandom) {
  // Half of a random half comes from the lower half: 500 +- 16 (one standard deviation).
  const Split split = SplitIndices(2000, 0.5, 8);
  EXPECT_NEAR(std::count_if(split.second.begin(), split.second.end(),
                            [](int64_t index) { return index < 1000; }),
              500, 60);
}

TEST(SplitTest, EdgesAndOddFractions) {
  EXPECT_TRUE(SplitIndices(0, 0.5, 1).first.empty());
  EXPECT_EQ(SplitIndices(10, -1, 1).first.size(), 10u);
  EXPECT_EQ(SplitIndices(10, 7, 1).second.size(), 10u);
  EXPECT_EQ(SplitIndices(10, std::numeric_limits<double>::quiet_NaN(), 1).first.size(), 10u);
}

TEST(SplitTest, FirstIndices) {
  EXPECT_EQ(FirstIndices(5, 3), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(FirstIndices(3, 0), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(FirstIndices(3, 9), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_TRUE(FirstIndices(0, 9).empty());
}

}  // namespace
}  // namespace nasc
