#include "compiler/ir/dim.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nasc::ir {
namespace {

std::string Text(const Dim& dim) {
  return ToString(dim, [](DecisionId id) { return absl::StrCat("d", id); });
}

Dim Choice(DecisionId decision, std::vector<Dim> options) {
  return Dim::Choice(decision, std::move(options));
}

TEST(DimTest, PrintsAsText) {
  EXPECT_EQ(Text(16), "16");
  EXPECT_EQ(Text(-3), "-3");
  EXPECT_EQ(Text(Dim::Batch()), "N");
  EXPECT_EQ(Text(Choice(0, {12, Choice(2, {1, 2})})), "[@d0: 12|[@d2: 1|2]]");
}

TEST(DimTest, ComparesAsAFunctionOfTheDecisions) {
  EXPECT_EQ(Dim(), Dim(0));
  EXPECT_NE(Dim(1), Dim(2));
  EXPECT_EQ(Dim::Batch(), Dim::Batch());
  EXPECT_NE(Dim::Batch(), Dim(0));
  EXPECT_EQ(Choice(0, {1, 2}), Choice(0, {1, 2}));
  EXPECT_NE(Choice(0, {1, 2}), Choice(0, {1, 3}));
  EXPECT_NE(Choice(0, {1, 2}), Choice(1, {1, 2}));
  EXPECT_NE(Choice(0, {1, 2}), Dim(1));
  EXPECT_NE(Choice(0, {Choice(1, {1, 2}), 3}), Choice(0, {Choice(1, {1, 4}), 3}));
}

TEST(DimTest, DropsChoicesThatMakeNoDifference) {
  EXPECT_EQ(Choice(0, {5, 5, 5}), Dim(5));
  EXPECT_EQ(Choice(0, {Choice(1, {1, 2}), Choice(1, {1, 2})}), Choice(1, {1, 2}));
  EXPECT_EQ(Choice(0, {7}), Dim(7));
}

TEST(DimTest, AppliesOneDecisionOnce) {
  const Dim a = Choice(0, {1, 2, 3});
  EXPECT_EQ(Text(a + a), "[@d0: 2|4|6]");
  EXPECT_EQ(a - a, Dim(0));
  EXPECT_EQ(a + Choice(0, {2, 1, 0}), Dim(3));
  EXPECT_EQ(Text(a * 10), "[@d0: 10|20|30]");
}

TEST(DimTest, AppliesDecisionsInTheirOrder) {
  const Dim early = Choice(0, {1, 2});
  const Dim late = Choice(3, {10, 20});
  EXPECT_EQ(Text(late + early), "[@d0: [@d3: 11|21]|[@d3: 12|22]]");
  EXPECT_EQ(early + late, late + early);
  EXPECT_EQ(Text(late - early), "[@d0: [@d3: 9|19]|[@d3: 8|18]]");
}

TEST(DimTest, EndsAtTheFirstError) {
  const auto divide = [](int64_t a, int64_t b) -> absl::StatusOr<int64_t> {
    if (b == 0) return absl::InvalidArgumentError("division by zero");
    return a / b;
  };
  EXPECT_EQ(Text(*Apply(12, Choice(0, {3, 4}), divide)), "[@d0: 4|3]");
  EXPECT_EQ(Apply(12, Choice(0, {3, 0}), divide).status().message(), "division by zero");
}

TEST(DimTest, AppliesAFunctionOfOne) {
  const auto half = [](int64_t a) -> absl::StatusOr<int64_t> { return a / 2; };
  EXPECT_EQ(*Apply(Choice(0, {8, 9}), half), Dim(4));
}

TEST(DimTest, SumsStaySmallOverManyDecisions) {
  // 2^100 architectures, 101 different sums.
  Dim forward = 0;
  Dim backward = 0;
  int calls = 0;
  const auto add = [&](int64_t a, int64_t b) -> absl::StatusOr<int64_t> {
    ++calls;
    return a + b;
  };
  for (int i = 0; i < 100; ++i) {
    forward = *Apply(forward, Choice(i, {0, 1}), add);
    backward = *Apply(backward, Choice(99 - i, {0, 1}), add);
  }
  EXPECT_LT(calls, 100 * 100 * 3);
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward - backward, Dim(0));
  EXPECT_EQ(forward.Min(), 0);
  EXPECT_EQ(forward.Max(), 100);
  EXPECT_EQ(forward.Fix([](DecisionId id) { return id % 2; }), Dim(50));
  EXPECT_EQ(forward.Fix([](DecisionId id) { return id == 75 ? -1 : 1; }), Choice(75, {99, 100}));
}

TEST(DimTest, FixesSomeDecisions) {
  const Dim dim = Choice(0, {1, Choice(1, {2, Choice(2, {3, 4})})});
  const auto picking = [](std::vector<int> picks) {
    return [picks](DecisionId id) { return picks[id]; };
  };
  EXPECT_EQ(dim.Fix(picking({1, 1, 0})), Dim(3));
  EXPECT_EQ(dim.Fix(picking({-1, -1, -1})), dim);
  EXPECT_EQ(Text(dim.Fix(picking({1, -1, 0}))), "[@d1: 2|3]");
  // What is left may no longer depend on a decision that is left open.
  EXPECT_EQ(Choice(0, {5, Choice(1, {5, 6})}).Fix(picking({-1, 0})), Dim(5));
  EXPECT_EQ(Dim::Batch().Fix(picking({})), Dim::Batch());
}

TEST(DimTest, KnowsItsRange) {
  EXPECT_EQ(Dim(4).Min(), 4);
  EXPECT_EQ(Dim(4).Max(), 4);
  const Dim dim = Choice(0, {7, Choice(1, {2, 9})});
  EXPECT_EQ(dim.Min(), 2);
  EXPECT_EQ(dim.Max(), 9);
}

TEST(DimTest, SaturatesInsteadOfOverflowing) {
  const int64_t greatest = std::numeric_limits<int64_t>::max();
  const int64_t least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(Dim(greatest) + 1, Dim(greatest));
  EXPECT_EQ(Dim(least) + -1, Dim(least));
  EXPECT_EQ(Dim(0) - least, Dim(greatest));
  EXPECT_EQ(Dim(-2) - greatest, Dim(least));
  EXPECT_EQ(Dim(greatest) * -2, Dim(least));
  EXPECT_EQ(Dim(least) * least, Dim(greatest));
}

TEST(DimDeathTest, RefusesDecisionsOutOfOrder) {
  EXPECT_DEATH(Choice(1, {1, Choice(0, {2, 3})}), "out of order");
  EXPECT_DEATH(Dim::Batch() + 1, "batch");
}

}  // namespace
}  // namespace nasc::ir
