#include "strategies/learn/predictor.h"

#include <cmath>
#include <limits>

#include "absl/algorithm/container.h"
#include "gtest/gtest.h"
#include "strategies/learn/reward_scale.h"

namespace nasc {
namespace {

constexpr double kDiverged = -std::numeric_limits<double>::infinity();

TEST(MlpTest, GradientsAreThoseOfDifferences) {
  Rng rng(1);
  Mlp network(7, 3, {5, 4}, {}, rng);
  // Biases that are not zero, and no unit at its kink.
  for (double& weight : network.weights()) weight += 0.1 * rng.Gaussian();
  const std::vector<int> input = {0, 2, 6, 9};  // of which the network has three
  network.Predict(input);
  network.Backward(1.5);
  const std::vector<double> gradient(network.gradient().begin(), network.gradient().end());
  int moved = 0;
  for (size_t k = 0; k < gradient.size(); ++k) {
    constexpr double kStep = 1e-6;
    double& at = network.weights()[k];
    const double before = at;
    at = before + kStep;
    const double above = network.Predict(input);
    at = before - kStep;
    const double below = network.Predict(input);
    at = before;
    ASSERT_NEAR(gradient[k], 1.5 * (above - below) / (2 * kStep), 1e-6) << "weight " << k;
    if (gradient[k] != 0) ++moved;
  }
  EXPECT_GT(moved, 15);
}

TEST(MlpTest, AStepMovesOnlyTheRowsOfItsBatch) {
  Rng rng(2);
  Mlp network(4, 2, {3}, {}, rng);
  const std::vector<double> before(network.weights().begin(), network.weights().end());
  network.Predict({1, 3});
  network.Backward(1);
  network.Descend();
  for (size_t k : {0, 1, 2, 6, 7, 8}) EXPECT_EQ(network.weights()[k], before[k]);
  EXPECT_TRUE(absl::c_all_of(network.gradient(), [](double value) { return value == 0; }));
}

// Ten of twenty features at random; their weights differ, and two of them only count together.
std::vector<Example> Toy(int count, uint64_t seed) {
  Rng rng(seed);
  std::vector<Example> examples;
  for (int i = 0; i < count; ++i) {
    Example& example = examples.emplace_back();
    std::vector<bool> on(20);
    for (int f = 0; f < 20; ++f) {
      on[f] = rng.Below(2) == 1;
      if (!on[f]) continue;
      example.features.push_back(f);
      example.value += f % 5;
    }
    if (on[3] && on[4]) example.value += 5;
  }
  return examples;
}

double RankCorrelation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& values) {
    std::vector<double> ranks;
    for (double value : values) {
      double rank = 0;
      for (double other : values) rank += other < value ? 1 : (other == value ? 0.5 : 0);
      ranks.push_back(rank - values.size() / 2.0);
    }
    return ranks;
  };
  double ab = 0, aa = 0, bb = 0;
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  for (size_t i = 0; i < x.size(); ++i) {
    ab += x[i] * y[i];
    aa += x[i] * x[i];
    bb += y[i] * y[i];
  }
  return ab / std::sqrt(aa * bb);
}

double HeldOutCorrelation(std::vector<Example> examples) {
  Predictor predictor({}, 3);
  predictor.Fit(examples, 20);
  std::vector<double> predicted;
  std::vector<double> values;
  for (const Example& example : Toy(200, 5)) {
    predicted.push_back(predictor.Predict(example.features).mean);
    values.push_back(example.value);
  }
  return RankCorrelation(predicted, values);
}

TEST(PredictorTest, RanksWhatItHasNotSeen) { EXPECT_GT(HeldOutCorrelation(Toy(200, 4)), 0.9); }

TEST(PredictorTest, DivergedAndHopelessExamplesDoNotHurt) {
  std::vector<Example> examples = Toy(200, 4);
  examples[3].value = kDiverged;
  examples[7].value = -1e6;
  EXPECT_GT(HeldOutCorrelation(examples), 0.85);
  for (Example& example : examples) example.value = kDiverged;
  Predictor predictor({}, 3);
  predictor.Fit(examples, 20);
  EXPECT_TRUE(std::isfinite(predictor.Predict({1, 2}).mean));
}

TEST(PredictorTest, NetworksDifferMostWhereNothingIsKnown) {
  std::vector<Example> examples = Toy(100, 6);
  for (Example& example : examples) {
    example.features.erase(std::remove_if(example.features.begin(), example.features.end(),
                                          [](int f) { return f >= 15; }),
                           example.features.end());
  }
  Predictor predictor({}, 7);
  predictor.Fit(examples, 20);
  const double known = predictor.Predict(examples[0].features).deviation;
  EXPECT_GT(predictor.Predict({15, 16, 17, 18, 19}).deviation, 2 * known);
}

TEST(PredictorTest, StandardisedValuesKeepTheirOrder) {
  const std::vector<double> values =
      StandardisedValues({{{}, 90}, {{}, 10}, {{}, 91}, {{}, kDiverged}, {{}, 92}, {{}, 12}});
  EXPECT_LT(values[1], values[5]);
  EXPECT_LT(values[5], values[0]);
  EXPECT_LT(values[0], values[2]);
  EXPECT_LT(values[2], values[4]);
  EXPECT_EQ(values[3], values[1]);
  // The same in another unit.
  const std::vector<double> parts =
      StandardisedValues({{{}, .90}, {{}, .10}, {{}, .91}, {{}, kDiverged}, {{}, .92}, {{}, .12}});
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], parts[i], 1e-9);
}

TEST(RewardScaleTest, RanksAmongTheLatest) {
  RewardScale scale(3);
  EXPECT_EQ(scale.Rank(5), 0.5);
  EXPECT_EQ(scale.Rank(kDiverged), 0.25);
  EXPECT_EQ(scale.Rank(7), 2.5 / 3);
  EXPECT_EQ(scale.Rank(7), (2 + 0.5 + 0.5) / 4);  // and the 5 goes
  EXPECT_EQ(scale.Rank(6), 1.5 / 4);
}

}  // namespace
}  // namespace nasc
