#include "strategies/evaluate/rank_correlation.h"

#include <cmath>

#include "gtest/gtest.h"

namespace nasc {
namespace {

TEST(RankCorrelationTest, SeesOnlyTheOrder) {
  EXPECT_DOUBLE_EQ(RankCorrelation({1, 10, 100, 1000}, {-3, -2, -1, 7}), 1);
  EXPECT_DOUBLE_EQ(RankCorrelation({1, 10, 100}, {3, 2, 1}), -1);
  // 1 - 6 sum d^2 / (n (n^2 - 1)), with d = 1, 1, 0, 1, 1.
  EXPECT_DOUBLE_EQ(RankCorrelation({1, 2, 3, 4, 5}, {2, 1, 3, 4.5, 4}), 1 - 6.0 * 4 / 120);
}

TEST(RankCorrelationTest, EqualValuesShareTheMeanOfTheirRanks) {
  // Ranks -1, 0.5, 0.5 and -1, 0, 1: 1.5 / sqrt(1.5 * 2).
  EXPECT_DOUBLE_EQ(RankCorrelation({0, 4, 4}, {1, 2, 3}), 1.5 / std::sqrt(3.0));
  EXPECT_EQ(RankCorrelation({4, 4, 4}, {1, 2, 3}), 0);
  EXPECT_EQ(RankCorrelation({}, {}), 0);
}

TEST(RankCorrelationTest, Kendall) {
  EXPECT_DOUBLE_EQ(KendallCorrelation({1, 2, 3, 4}, {10, 20, 30, 40}), 1);
  EXPECT_DOUBLE_EQ(KendallCorrelation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
  // Five of six pairs agree.
  EXPECT_DOUBLE_EQ(KendallCorrelation({1, 2, 3, 4}, {1, 2, 4, 3}), 4.0 / 6);
  // Two pairs agree; one is equal in the first list.
  EXPECT_DOUBLE_EQ(KendallCorrelation({1, 1, 2}, {1, 2, 3}), 2 / std::sqrt(6.0));
  EXPECT_EQ(KendallCorrelation({1, 1}, {1, 2}), 0);
}

}  // namespace
}  // namespace nasc
