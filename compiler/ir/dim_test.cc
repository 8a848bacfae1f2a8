#include "compiler/ir/dim.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nasc::ir {
namespace {

std::string Text(const Dim& dim) {
  return ToString(dim, [](const Variable& v) { return absl::StrCat("d", v.decision); });
}

Dim Choice(DecisionId decision, const std::vector<Dim>& options) {
  std::vector<Diagram<int64_t>> branches;
  for (const Dim& option : options) branches.push_back(*option.ToDiagram());
  return Dim(Diagram<int64_t>::Choice({decision, -1}, std::move(branches)));
}

// Each of n decisions counts 0 or 1.
Dim SumOfBits(int n) {
  Dim sum = 0;
  for (int i = 0; i < n; ++i) sum = sum + Choice(i, {0, 1});
  return sum;
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

TEST(DimTest, KeepsSumsOfIndependentPartsApart) {
  const Dim early = Choice(0, {1, 2});
  const Dim late = Choice(3, {10, 20});
  EXPECT_EQ(Text(late + early), "11 + [@d0: 0|1] + [@d3: 0|10]");
  EXPECT_EQ(early + late, late + early);
  EXPECT_EQ(Text(late - early), "9 + [@d0: 0|-1] + [@d3: 0|10]");
  EXPECT_EQ((early + late) - late, early);
  EXPECT_EQ(Text(early * late), "[@d0: [@d3: 10|20]|[@d3: 20|40]]");
  // The same function, made in another way.
  const auto add = [](int64_t a, int64_t b) -> absl::StatusOr<int64_t> { return a + b; };
  EXPECT_EQ(early + late, *Apply(early, late, add));
}

TEST(DimTest, SaysWhereAnErrorHappens) {
  const auto fail = [](int64_t a, int64_t b) -> absl::StatusOr<int64_t> {
    if (a == 2 && b == 20) return absl::InvalidArgumentError("no");
    return a;
  };
  const Assignment where =
      CounterexampleOf(Apply(Choice(0, {1, 2}), Choice(3, {10, 20}), fail).status());
  EXPECT_EQ(where, (Assignment{{{0, -1}, 1}, {{3, -1}, 1}}));
}

TEST(DimTest, IsUndefinedWhereNothingAsks) {
  const Condition second = Condition::Choice({0, -1}, {false, true});
  const Dim dim = Restrict(Choice(0, {3, 5}), second);
  EXPECT_EQ(Text(dim), "[@d0: _|5]");
  EXPECT_TRUE(Agree(dim, Dim(5)));
  EXPECT_FALSE(Agree(dim, Dim(4)));
  EXPECT_EQ(Text(dim * 2), "[@d0: _|10]");
  EXPECT_EQ(Switch(FromCondition(second), {Dim(3), dim}), Choice(0, {3, 5}));
  EXPECT_EQ(dim.Min(), 5);
}

TEST(DimTest, RefusesWhatWouldBeTooLarge) {
  // The product of many sums, each of which is small.
  Dim product = 1;
  for (int i = 0; i < 30; ++i) {
    product = product * (Choice(2 * i, {1, 1000 + i}) + Choice(2 * i + 1, {7, 13 * i + 3}));
  }
  EXPECT_TRUE(product.is_too_complex());
  EXPECT_NE(product, product);
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
  EXPECT_EQ(forward, SumOfBits(100));
  EXPECT_EQ(SumOfBits(100).terms().size(), 100u);
  EXPECT_EQ(forward.Fix([](const Variable& v) { return v.decision % 2; }), Dim(50));
  EXPECT_EQ(forward.Fix([](const Variable& v) { return v.decision == 75 ? -1 : 1; }),
            Choice(75, {99, 100}));
}

TEST(DimTest, FixesSomeDecisions) {
  const Dim dim = Choice(0, {1, Choice(1, {2, Choice(2, {3, 4})})});
  const auto picking = [](std::vector<int> picks) {
    return [picks](const Variable& v) { return picks[v.decision]; };
  };
  EXPECT_EQ(dim.Fix(picking({1, 1, 0})), Dim(3));
  EXPECT_EQ(dim.Fix(picking({-1, -1, -1})), dim);
  EXPECT_EQ(Text(dim.Fix(picking({1, -1, 0}))), "[@d1: 2|3]");
  // What is left may no longer depend on a decision that is left open.
  EXPECT_EQ(Choice(0, {5, Choice(1, {5, 6})}).Fix(picking({-1, 0})), Dim(5));
  EXPECT_EQ(Dim::Batch().Fix(picking({})), Dim::Batch());
}

TEST(DimTest, IsANumberForAnArchitecture) {
  const Dim dim = Choice(0, {1, Choice(1, {2, Dim::Undefined()})}) + Choice(2, {10, 20});
  const auto at = [](const Dim& dim, std::vector<int> picks) {
    return dim.At([&](const Variable& v) { return picks[v.decision]; });
  };
  EXPECT_EQ(at(dim, {0, 0, 1}), 21);
  EXPECT_EQ(at(dim, {1, 0, 0}), 12);
  EXPECT_EQ(at(dim, {1, 1, 0}), std::nullopt);
  EXPECT_EQ(at(Dim(5), {}), 5);
  EXPECT_EQ(at(Dim::Batch(), {}), std::nullopt);
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

TEST(DimTest, TheBatchIsNoNumber) { EXPECT_TRUE((Dim::Batch() + 1).is_too_complex()); }

TEST(DimDeathTest, RefusesDecisionsOutOfOrder) {
  EXPECT_DEATH(Choice(1, {1, Choice(0, {2, 3})}), "out of order");
}

}  // namespace
}  // namespace nasc::ir
