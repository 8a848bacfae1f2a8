#include "compiler/extremes.h"

#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

std::vector<ir::Decision> Bits(int count) {
  ir::Decision bit;
  bit.options = {"off", "on"};
  bit.relaxed_only = {false, false};
  return std::vector<ir::Decision>(count, bit);
}

// a where the i-th and the k-th bit are equal, b where they differ.
ir::Diagram<int64_t> Pair(int i, int k, int64_t a, int64_t b) {
  using Number = ir::Diagram<int64_t>;
  const ir::Variable first = {i, -1};
  const ir::Variable second = {k, -1};
  return Number::Choice(first, {Number::Choice(second, {Number(a), Number(b)}),
                                Number::Choice(second, {Number(b), Number(a)})});
}

// The first bits wait for the last, so that there are 2^30 states at once: found by a search,
// proved by the bound.
TEST(ExtremesTest, ManyStatesAreSearched) {
  constexpr int kBits = 60;
  ir::DimSum sum;
  for (int i = 0; i < kBits / 2; ++i) sum.Add(Pair(i, kBits - 1 - i, 1, 3));
  const auto extremes = ExtremesOf(sum.TakeApart(), Bits(kBits), {});
  ASSERT_TRUE(extremes.has_value());
  EXPECT_TRUE(extremes->least.exact());
  EXPECT_EQ(extremes->least.bound, kBits / 2);
  EXPECT_TRUE(extremes->greatest.exact());
  EXPECT_EQ(extremes->greatest.bound, 3 * kBits / 2);
}

// What each bit costs waits for the last one, which can take any of it back: states that are dearer
// whatever the last one is are dropped, so that one is left of 2^60.
TEST(ExtremesTest, DearerStatesAreDropped) {
  constexpr int kBits = 61;
  ir::DimSum sum;
  for (int i = 0; i + 1 < kBits; ++i) {
    using Number = ir::Diagram<int64_t>;
    const Number needed = Number::Choice({kBits - 1, -1}, {Number(0), Number(2)});
    const Number always = Number::Choice({kBits - 1, -1}, {Number(1), Number(1)});
    sum.Add(Number::Choice({i, -1}, {needed, always}));
    sum.Add(Number::Choice({i, -1}, {Number(0), Number(2 + i)}));
  }
  const auto extremes = ExtremesOf(sum.TakeApart(), Bits(kBits), {});
  ASSERT_TRUE(extremes.has_value());
  EXPECT_TRUE(extremes->least.exact());
  EXPECT_EQ(extremes->least.bound, 0);
  EXPECT_TRUE(extremes->greatest.exact());
  EXPECT_EQ(extremes->greatest.bound, 60 * 3 + 59 * 60 / 2);
}

// Three bits cannot all differ, which the bound of each pair alone does not see.
TEST(ExtremesTest, WhatStaysOpenIsARange) {
  constexpr int kThird = 30;
  ir::DimSum sum;
  for (int i = 0; i < kThird; ++i) {
    const int second = 2 * kThird - 1 - i;
    const int third = 2 * kThird + i;
    sum.Add(Pair(i, second, 0, 1));
    sum.Add(Pair(i, third, 0, 1));
    sum.Add(Pair(second, third, 0, 1));
  }
  const auto extremes = ExtremesOf(sum.TakeApart(), Bits(3 * kThird), {});
  ASSERT_TRUE(extremes.has_value());
  EXPECT_TRUE(extremes->least.exact());
  EXPECT_EQ(extremes->least.bound, 0);
  EXPECT_FALSE(extremes->greatest.exact());
  EXPECT_EQ(extremes->greatest.bound, 3 * kThird);
  EXPECT_EQ(extremes->greatest.found, 2 * kThird);
}

}  // namespace
}  // namespace nasc
