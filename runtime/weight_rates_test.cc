#include "runtime/weight_rates.h"

#include "gtest/gtest.h"

namespace nasc {
namespace {

TEST(WeightRatesTest, TheLongestBeginningHolds) {
  const absl::StatusOr<WeightRates> rates =
      WeightRates::Parse("stage0 = 0.5, stage0.cell1=0 , head.linear.bias = 2");
  ASSERT_TRUE(rates.ok()) << rates.status();
  EXPECT_EQ(rates->Of("stage0.cell0.conv.weight"), 0.5);
  EXPECT_EQ(rates->Of("stage0.cell1.conv.weight"), 0);
  EXPECT_EQ(rates->Of("stage01.conv.weight"), 1) << "a beginning ends at a dot";
  EXPECT_EQ(rates->Of("head.linear.bias"), 2);
  EXPECT_EQ(rates->Of("head.linear.weight"), 1);
  EXPECT_EQ(WeightRates::Parse("")->Of("stem"), 1);
}

TEST(WeightRatesTest, WhatIsNoRateIsAnError) {
  for (const char* text : {"stem", "stem = x", "stem = -1", "= 1", "stem = 1 = 2", "stem = 1e9"}) {
    EXPECT_FALSE(WeightRates::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace nasc
