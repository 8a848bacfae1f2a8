#include "strategies/statistics.h"

#include <cmath>

#include "gtest/gtest.h"

namespace nasc {
namespace {

TEST(StatisticsTest, MeanAndDeviation) {
  const Estimate estimate = EstimateMean({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_DOUBLE_EQ(estimate.mean, 5);
  EXPECT_NEAR(estimate.deviation, std::sqrt(32.0 / 7), 1e-12);
  EXPECT_NEAR(estimate.error, std::sqrt(32.0 / 7 / 8), 1e-12);
  EXPECT_NEAR(estimate.half_width, 2.3646 * estimate.error, 1e-12);
}

TEST(StatisticsTest, OneNumberSaysNothingOfItsError) {
  const Estimate estimate = EstimateMean({3});
  EXPECT_EQ(estimate.mean, 3);
  EXPECT_TRUE(std::isinf(estimate.half_width));
}

// Published tables of Student's t.
TEST(StatisticsTest, Quantiles) {
  EXPECT_NEAR(StudentT975(1), 12.706, 1e-3);
  EXPECT_NEAR(StudentT975(10), 2.228, 1e-3);
  EXPECT_NEAR(StudentT975(11), 2.2010, 2e-4);
  EXPECT_NEAR(StudentT975(19), 2.0930, 1e-4);
  EXPECT_NEAR(StudentT975(30), 2.0423, 1e-4);
  EXPECT_NEAR(StudentT975(199), 1.9720, 1e-4);
}

}  // namespace
}  // namespace nasc
