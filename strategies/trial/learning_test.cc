// What the strategies that learn have in common, on small spaces with known values.

#include <cmath>
#include <limits>
#include <string>

#include "absl/algorithm/container.h"
#include "dsl/diagnostics.h"
#include "gtest/gtest.h"
#include "strategies/learn/ppo_weight.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

ir::Decision Choice(const std::string& path, int options) {
  ir::Decision decision;
  decision.path = path;
  for (int i = 0; i < options; ++i) decision.options.push_back(std::string(1, 'a' + i));
  decision.relaxed_only.assign(options, false);
  return decision;
}

// 4^5 choices and a pair of four, one of the choices alive only with another.
ir::Graph Space() {
  ir::Graph graph;
  for (int i = 0; i < 5; ++i) graph.decisions.push_back(Choice("d" + std::to_string(i), 4));
  graph.decisions.push_back(Choice("pair", 4));
  graph.decisions[5].kind = ir::Decision::Kind::kSome;
  graph.decisions[5].least = graph.decisions[5].most = 2;
  graph.decisions[4].alive = ir::Takes(graph.decisions[0], 0, 2);
  return graph;
}

// The best: every choice c, and the pair of c and d; 7 in all. What takes `a` first diverges.
double Value(const Architecture& architecture) {
  if (architecture.picks[0][0] == 0) return -std::numeric_limits<double>::infinity();
  double value = 0;
  for (int d = 0; d < 5; ++d) {
    if (!architecture.picks[d].empty()) value -= std::abs(architecture.picks[d][0] - 2);
  }
  for (int pick : architecture.picks[5]) value += pick >= 2 ? 1 : 0;
  return value + (architecture.picks[4].empty() ? 0 : 5);
}

class LearningTest : public ::testing::TestWithParam<const char*> {
 protected:
  LearningTest() : graph_(Space()), space_(graph_) {}

  std::unique_ptr<TrialStrategy> Make(uint64_t seed) {
    const StrategyInfo* info = FindStrategy(GetParam());
    EXPECT_NE(info, nullptr);
    Diagnostics diagnostics;
    const Options options = ReadOptions(GetParam(), info->options, {}, diagnostics);
    return *info->make_trial({space_, graph_, 400, 1, seed}, options);
  }

  // A predictor needs fewer than a controller, and proposes nothing twice.
  int Trials() const { return std::string(GetParam()) == "bananas" ? 100 : 400; }

  // The greatest value of so many trials.
  double Search(uint64_t seed, int trials, std::vector<ArchitectureCode>* proposed = nullptr) {
    const std::unique_ptr<TrialStrategy> strategy = Make(seed);
    double best = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < trials; ++i) {
      const std::optional<ArchitectureCode> code = strategy->Propose();
      const double value = Value(space_.Decode(*code));
      strategy->Observe(*code, {value});
      best = std::max(best, value);
      if (proposed != nullptr) proposed->push_back(*code);
    }
    return best;
  }

  ir::Graph graph_;
  DecisionSpace space_;
};

TEST_P(LearningTest, FindsTheBestOfASmallSpace) {
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    EXPECT_EQ(Search(seed, Trials()), 7) << "seed " << seed;
  }
}

// Of random architectures one in eleven has a value of 3; of the last 50 proposals most have.
TEST_P(LearningTest, LaterProposalsAreBetter) {
  std::vector<ArchitectureCode> proposed;
  Search(4, Trials(), &proposed);
  const auto good =
      std::count_if(proposed.end() - 50, proposed.end(),
                    [&](const ArchitectureCode& code) { return Value(space_.Decode(code)) >= 3; });
  EXPECT_GT(good, 25);
}

TEST_P(LearningTest, TheSameSeedProposesTheSame) {
  std::vector<ArchitectureCode> a, b, c;
  Search(5, 60, &a);
  Search(5, 60, &b);
  Search(6, 60, &c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST_P(LearningTest, GoesOnWhereEverythingDiverges) {
  const std::unique_ptr<TrialStrategy> strategy = Make(7);
  for (int i = 0; i < 60; ++i) {
    const std::optional<ArchitectureCode> code = strategy->Propose();
    ASSERT_TRUE(code.has_value());
    strategy->Observe(*code, {-std::numeric_limits<double>::infinity()});
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, LearningTest,
                         ::testing::Values("bananas", "ppo", "reinforce"));

// The weight is the slope of the clipped surrogate by log p.
TEST(ClippedSurrogateTest, WeightIsItsSlope) {
  for (double advantage : {-1.5, 2.0}) {
    for (double log_ratio : {-0.5, -0.1, 0.1, 0.5}) {
      const auto surrogate = [&](double log) {
        const double ratio = std::exp(log);
        return std::min(ratio * advantage, std::min(std::max(ratio, 0.8), 1.2) * advantage);
      };
      const double slope = (surrogate(log_ratio + 1e-6) - surrogate(log_ratio - 1e-6)) / 2e-6;
      EXPECT_NEAR(ClippedSurrogateWeight(std::exp(log_ratio), advantage, 0.2), slope, 1e-6);
    }
  }
}

}  // namespace
}  // namespace nasc
