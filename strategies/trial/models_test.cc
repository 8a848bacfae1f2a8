// What strategies are made of: densities, top shares, fronts, children.
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "strategies/trial/crossover.h"
#include "strategies/trial/decision_density.h"
#include "strategies/trial/pareto.h"
#include "strategies/trial/top_share.h"

namespace nasc {
namespace {

// A choice, a set that may be empty, and a choice that is alive with option b of the first.
ir::Graph Conditional() {
  ir::Graph graph;
  for (const char* path : {"first", "some", "then"}) {
    ir::Decision& decision = graph.decisions.emplace_back();
    decision.path = path;
    decision.options = {"a", "b", "c", "d"};
    decision.relaxed_only.assign(4, false);
  }
  graph.decisions[1].kind = ir::Decision::Kind::kSome;
  graph.decisions[1].least = 0;
  graph.decisions[1].most = 2;
  graph.decisions[2].alive = ir::Takes(graph.decisions[0], 0, 1);
  return graph;
}

TEST(TopShareTest, IsTheBestOfAllAndOneCrossesAtMost) {
  Rng rng(1);
  TopShare top;
  std::set<int64_t> members;
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) {
    values.push_back(static_cast<double>(rng.Below(50)));
    const size_t size = (values.size() + 6) / 7;
    const TopShare::Change change = top.Add(values.back(), size);
    if (change.entered.has_value()) {
      EXPECT_TRUE(members.insert(*change.entered).second);
    }
    if (change.left.has_value()) {
      EXPECT_EQ(members.erase(*change.left), 1);
    }
    if (i % 97 != 0) continue;
    std::vector<int64_t> order(values.size());
    for (size_t k = 0; k < order.size(); ++k) order[k] = static_cast<int64_t>(k);
    absl::c_stable_sort(order, [&](int64_t a, int64_t b) { return values[a] > values[b]; });
    EXPECT_EQ(members, std::set<int64_t>(order.begin(), order.begin() + size));
  }
}

// Counting one more and one less by turns is the same as counting what is left.
TEST(DecisionDensityTest, CountsAreIncremental) {
  const ir::Graph graph = Conditional();
  const DecisionSpace space(graph);
  DecisionDensity moved(space, 1);
  DecisionDensity recounted(space, 1);
  Rng rng(2);
  for (int i = 0; i < 300; ++i) {
    const ArchitectureCode code = space.Draw(rng);
    moved.Count(code, 1);
    if (i % 3 == 0) {
      recounted.Count(code, 1);
    } else {
      moved.Count(code, -1);
    }
  }
  for (size_t d = 0; d < 3; ++d) {
    EXPECT_EQ(moved.alive(d), recounted.alive(d));
    for (int option = 0; option < 4; ++option) {
      EXPECT_EQ(moved.taking(d, option), recounted.taking(d, option));
    }
  }
  EXPECT_EQ(moved.alive(0), 100);
  EXPECT_EQ(moved.alive(1), 100) << "an empty set is a value";
  EXPECT_EQ(moved.alive(2), moved.taking(0, 1));
}

TEST(DecisionDensityTest, ProbabilitiesAreThoseOfTheDrawsAndSumToOne) {
  const ir::Graph graph = Conditional();
  const DecisionSpace space(graph);
  DecisionDensity density(space, 1);
  Rng rng(3);
  density.Count(space.Encode({{{1}, {0, 2}, {3}}}), 1);
  density.Count(space.Encode({{{1}, {0}, {0}}}), 1);
  EXPECT_DOUBLE_EQ(std::exp(density.LogProbability(0, {1})), 2.25 / 3);
  EXPECT_DOUBLE_EQ(std::exp(density.LogProbability(2, {1})), 0.25 / 3);
  std::vector<std::vector<int>> sets = {{}};
  for (int a = 0; a < 4; ++a) {
    sets.push_back({a});
    for (int b = a + 1; b < 4; ++b) sets.push_back({a, b});
  }
  constexpr int kDraws = 40000;
  std::vector<int> drawn(sets.size(), 0);
  for (int i = 0; i < kDraws; ++i) ++drawn[absl::c_find(sets, density.Draw(1, rng)) - sets.begin()];
  double sum = 0;
  for (size_t i = 0; i < sets.size(); ++i) {
    const double probability = std::exp(density.LogProbability(1, sets[i]));
    sum += probability;
    EXPECT_NEAR(static_cast<double>(drawn[i]) / kDraws, probability, 0.015);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(ParetoTest, FrontsByHand) {
  const std::vector<Point> points = {{1, 5}, {2, 4}, {1, 4}, {0, 0}, {3, 1}, {2, 4}};
  EXPECT_EQ(NondominatedFronts(points), (std::vector<std::vector<size_t>>{{0, 1, 4, 5}, {2}, {3}}));
  EXPECT_TRUE(NondominatedFronts({}).empty());
}

TEST(ParetoTest, CrowdingByHand) {
  // Along the first objective 0, 1, 4, 10; along the second 8, 6, 5, 0.
  const std::vector<Point> points = {{4, 5}, {0, 8}, {10, 0}, {1, 6}};
  const std::vector<double> distances = CrowdingDistances(points, {0, 1, 2, 3});
  EXPECT_DOUBLE_EQ(distances[0], 9.0 / 10 + 6.0 / 8);
  EXPECT_DOUBLE_EQ(distances[3], 4.0 / 10 + 3.0 / 8);
  EXPECT_TRUE(std::isinf(distances[1]) && std::isinf(distances[2]));
}

TEST(ParetoTest, DivergedPointsComeLast) {
  const double diverged = -std::numeric_limits<double>::infinity();
  const std::vector<Point> points = {{diverged, diverged}, {0, 0}, {diverged, diverged}};
  const std::vector<std::vector<size_t>> fronts = NondominatedFronts(points);
  ASSERT_EQ(fronts, (std::vector<std::vector<size_t>>{{1}, {0, 2}}));
  for (double distance : CrowdingDistances(points, fronts[1])) EXPECT_FALSE(std::isnan(distance));
}

TEST(CrossoverTest, ChildrenInheritWhatIsAlive) {
  const ir::Graph graph = Conditional();
  const DecisionSpace space(graph);
  const Architecture with{{{1}, {0}, {3}}};
  const Architecture without{{{2}, {1, 2}, {}}};
  Rng rng(4);
  std::set<std::vector<std::vector<int>>> children;
  for (int i = 0; i < 200; ++i) {
    children.insert(
        space.Decode(Cross(space, space.Encode(with), space.Encode(without), rng)).picks);
  }
  EXPECT_EQ(children, (std::set<std::vector<std::vector<int>>>{
                          {{1}, {0}, {3}}, {{1}, {1, 2}, {3}}, {{2}, {0}, {}}, {{2}, {1, 2}, {}}}));
}

}  // namespace
}  // namespace nasc
