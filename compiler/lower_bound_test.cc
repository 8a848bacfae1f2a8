#include "compiler/lower_bound.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "compiler/draw.h"
#include "compiler/extremes.h"
#include "compiler/local_search.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using Number = ir::Diagram<int64_t>;

// A small space at random, with options that no result has, decisions that are not always alive,
// and sums of diagrams that share decisions.
class RandomSpace {
 public:
  explicit RandomSpace(uint64_t seed) : random_(seed) {
    const int count = 3 + Below(3);
    for (int d = 0; d < count; ++d) AddDecision();
    for (int parts = 2 + Below(4); parts > 0; --parts) sum_.AddApart(RandomDiagram(0));
    sum = sum_.TakeApart();
    if (Below(3) > 0) return;
    ir::Constraint constraint;
    constraint.value = ir::Dim(RandomDiagram(0));
    constraint.least = -3;
    constraint.most = 3;
    constraints.push_back(constraint);
  }

  std::vector<ir::Decision> decisions;
  std::vector<ir::Constraint> constraints;
  ir::Dim sum;

 private:
  int Below(int n) { return static_cast<int>(random_() % n); }

  void AddDecision() {
    ir::Decision decision;
    const int options = 2 + Below(3);
    decision.options.assign(options, "option");
    decision.relaxed_only.assign(options, false);
    if (Below(4) == 0) decision.relaxed_only[Below(options)] = true;
    if (Below(2) == 0) {
      decision.kind = ir::Decision::Kind::kSome;
      decision.least = Below(2);
      decision.most = std::max(decision.least, options - 1 - Below(2));
    }
    const auto id = static_cast<ir::DecisionId>(decisions.size());
    if (id > 0 && Below(3) == 0) {
      const ir::DecisionId other = Below(id);
      const int option = Below(static_cast<int>(decisions[other].options.size()));
      decision.alive = ir::Takes(decisions[other], other, option);
    }
    decisions.push_back(decision);
  }

  // Of some of the decisions from one on.
  Number RandomDiagram(ir::DecisionId id) {
    while (id < static_cast<ir::DecisionId>(decisions.size()) && Below(2) == 0) ++id;
    if (id >= static_cast<ir::DecisionId>(decisions.size())) return Number(Below(21) - 10);
    const ir::Decision& decision = decisions[id];
    const int option = Below(static_cast<int>(decision.options.size()));
    const ir::Variable variable = ir::VariableOf(decision, id, option);
    const size_t count = variable.option < 0 ? decision.options.size() : 2;
    std::vector<Number> branches;
    for (size_t b = 0; b < count; ++b) branches.push_back(RandomDiagram(id + 1));
    return Number::Choice(variable, std::move(branches));
  }

  std::mt19937_64 random_;
  ir::DimSum sum_;
};

int64_t ValueAt(const ir::Dim& sum, const Architecture& architecture) {
  return *sum.At([&](const ir::Variable& variable) { return BranchTaken(architecture, variable); });
}

std::optional<int64_t> LeastByEnumeration(const ir::Dim& sum,
                                          const std::vector<ir::Decision>& decisions,
                                          const std::vector<ir::Constraint>& constraints) {
  std::optional<int64_t> least;
  ForEachArchitecture(decisions, constraints, [&](const Architecture& architecture) {
    const int64_t value = ValueAt(sum, architecture);
    least = std::min(least.value_or(value), value);
    return true;
  });
  return least;
}

TEST(LowerBoundTest, AgreesWithEnumeration) {
  constexpr int kSpaces = 400;
  int at_bound = 0;
  int likely = 0;
  for (int seed = 0; seed < kSpaces; ++seed) {
    const RandomSpace space(seed);
    const auto least = LeastByEnumeration(space.sum, space.decisions, {});
    const LowerBound lower = LowerBoundOf(space.sum, space.decisions);
    if (!least.has_value()) continue;
    EXPECT_LE(lower.bound, *least) << "seed " << seed;
    EXPECT_GE(ValueAt(space.sum, lower.likely), *least) << "seed " << seed;
    at_bound += lower.bound == *least ? 1 : 0;
    likely += ValueAt(space.sum, lower.likely) == *least ? 1 : 0;
  }
  EXPECT_GT(at_bound, kSpaces / 2);
  EXPECT_GT(likely, kSpaces / 2);
}

TEST(LocalSearchTest, AgreesWithEnumeration) {
  constexpr int kSpaces = 100;
  int right = 0;
  for (int seed = 0; seed < kSpaces; ++seed) {
    const RandomSpace space(seed);
    const auto least = LeastByEnumeration(space.sum, space.decisions, space.constraints);
    const auto cost = [&](const Architecture& architecture) {
      return ValueAt(space.sum, architecture);
    };
    const Architecture first = LowerBoundOf(space.sum, space.decisions).likely;
    const auto found =
        SearchLeast(cost, least.value_or(0), first, space.decisions, space.constraints);
    if (found.has_value()) {
      ASSERT_TRUE(least.has_value()) << "seed " << seed;
      EXPECT_GE(*found, *least) << "seed " << seed;
    }
    right += found == least ? 1 : 0;
  }
  EXPECT_GT(right, kSpaces * 9 / 10);
}

TEST(ExtremesTest, AgreeWithEnumeration) {
  constexpr int kSpaces = 400;
  for (int seed = 0; seed < kSpaces; ++seed) {
    const RandomSpace space(seed);
    const auto least = LeastByEnumeration(space.sum, space.decisions, space.constraints);
    const auto most =
        LeastByEnumeration(space.sum * ir::Dim(-1), space.decisions, space.constraints);
    const auto extremes = ExtremesOf(space.sum, space.decisions, space.constraints);
    ASSERT_EQ(extremes.has_value(), least.has_value()) << "seed " << seed;
    if (!least.has_value()) continue;
    EXPECT_TRUE(extremes->least.exact() && extremes->greatest.exact()) << "seed " << seed;
    EXPECT_EQ(extremes->least.bound, *least) << "seed " << seed;
    EXPECT_EQ(extremes->greatest.bound, -*most) << "seed " << seed;
  }
}

// Sums beyond 64 bits are saturated.
TEST(LowerBoundTest, WhatIsTooLargeToBeShared) {
  std::vector<ir::Decision> decisions(1);
  decisions[0].options = {"a", "b"};
  decisions[0].relaxed_only = {false, false};
  ir::DimSum sum;
  sum.AddApart(Number::Choice({0, -1}, {Number(INT64_MAX), Number(INT64_MIN)}));
  sum.AddApart(Number::Choice({0, -1}, {Number(1), Number(2)}));
  const LowerBound lower = LowerBoundOf(sum.TakeApart(), decisions);
  EXPECT_EQ(lower.likely.picks, (std::vector<std::vector<int>>{{0}}));
}

}  // namespace
}  // namespace nasc
