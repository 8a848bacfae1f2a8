#include "dsl/rational.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace nasc {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Rational Of(int64_t numerator, int64_t denominator) {
  return *Rational::Make(numerator, denominator);
}

TEST(RationalTest, IsInLowestTermsWithTheSignAbove) {
  EXPECT_EQ(Of(6, 4).ToString(), "3/2");
  EXPECT_EQ(Of(6, -4).ToString(), "-3/2");
  EXPECT_EQ(Of(-8, -4).ToString(), "2");
  EXPECT_EQ(Of(0, -7).ToString(), "0");
  EXPECT_TRUE(Of(0, -7).is_whole());
}

TEST(RationalTest, ParsesDecimals) {
  EXPECT_EQ(Rational::Parse("12")->ToString(), "12");
  EXPECT_EQ(Rational::Parse("0.25")->ToString(), "1/4");
  EXPECT_EQ(Rational::Parse("3e-4")->ToString(), "3/10000");
  EXPECT_EQ(Rational::Parse("1.5e3")->ToString(), "1500");
  EXPECT_EQ(Rational::Parse("9223372036854775807")->numerator(), kMax);
  EXPECT_EQ(Rational::Parse("0e30")->ToString(), "0");
}

TEST(RationalTest, RefusesOtherTexts) {
  for (const char* text : {"", ".", "1.2.3", "e3", "1e", "1e31", "1x", "-1", "9223372036854775808",
                           "1e30", "0.0000000000000000001e-30"}) {
    EXPECT_FALSE(Rational::Parse(text).ok()) << text;
  }
}

TEST(RationalTest, FloorsTowardsLess) {
  EXPECT_EQ(Of(7, 2).Floor(), 3);
  EXPECT_EQ(Of(-7, 2).Floor(), -4);
  EXPECT_EQ(Of(-8, 2).Floor(), -4);
}

TEST(RationalTest, ComputesExactly) {
  EXPECT_EQ(*Add(Of(1, 3), Of(1, 6)), Of(1, 2));
  EXPECT_EQ(*Subtract(Of(1, 3), Of(1, 2)), Of(-1, 6));
  EXPECT_EQ(*Multiply(Of(1, 3), 3), Rational(1));
  EXPECT_EQ(*Divide(1, Of(-2, 3)), Of(-3, 2));
  EXPECT_EQ(*Power(Of(2, 3), 3), Of(8, 27));
  EXPECT_EQ(*Power(Of(2, 3), -2), Of(9, 4));
  EXPECT_EQ(*Power(0, 0), Rational(1));
}

TEST(RationalTest, ReportsWhatHasNoValue) {
  EXPECT_EQ(Divide(1, 0).status().message(), "division by zero");
  EXPECT_EQ(Power(0, -1).status().message(), "division by zero");
  EXPECT_FALSE(Add(kMax, 1).ok());
  EXPECT_FALSE(Multiply(kMax, 2).ok());
  EXPECT_FALSE(Power(2, 63).ok());
  EXPECT_FALSE(Power(1, 65).ok());
  EXPECT_FALSE(Power(4, Of(1, 2)).ok());
}

TEST(RationalTest, ComparesWithoutRounding) {
  EXPECT_LT(Of(kMax - 1, kMax), Rational(1));
  EXPECT_LT(Of(1, kMax), Of(1, kMax - 1));
  EXPECT_LT(Of(-1, 2), Of(-1, 3));
  EXPECT_LE(Of(1, 2), Of(2, 4));
  EXPECT_NE(Of(1, 3), Of(1, 2));
}

}  // namespace
}  // namespace nasc
