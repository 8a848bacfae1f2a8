#include "strategies/learn/controller.h"

#include <cmath>

#include "compiler/draw.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

ir::Decision Choice(const std::string& path, int options) {
  ir::Decision decision;
  decision.path = path;
  for (int i = 0; i < options; ++i) decision.options.push_back(std::string(1, 'a' + i));
  decision.relaxed_only.assign(options, false);
  return decision;
}

ir::Decision Subset(const std::string& path, int options, int least, int most) {
  ir::Decision decision = Choice(path, options);
  decision.kind = ir::Decision::Kind::kSome;
  decision.least = least;
  decision.most = most;
  return decision;
}

// Every kind of decision: a relaxed option, none to choose, sets of one size and of several, one
// that is dead unless the first takes `b`.
std::vector<ir::Decision> EveryKind() {
  std::vector<ir::Decision> decisions = {Choice("first", 3), Choice("only", 1),
                                         Subset("two", 4, 2, 2), Subset("some", 3, 0, 2),
                                         Choice("then", 4)};
  decisions[0].relaxed_only[0] = true;
  decisions[4].alive = ir::Takes(decisions[0], 0, 1);
  return decisions;
}

ControllerSpec Small() {
  ControllerSpec spec;
  spec.size = 5;
  spec.initial = 0.6;
  return spec;
}

std::vector<Architecture> All(const std::vector<ir::Decision>& decisions) {
  std::vector<Architecture> all;
  ForEachArchitecture(decisions, {}, [&](const Architecture& architecture) {
    all.push_back(architecture);
    return true;
  });
  return all;
}

TEST(ControllerTest, ProbabilitiesSumToOne) {
  const std::vector<ir::Decision> decisions = EveryKind();
  Controller controller(decisions, {}, Small(), 1);
  double sum = 0;
  for (const Architecture& architecture : All(decisions)) {
    const Controller::Sample sample = controller.Score(architecture);
    EXPECT_EQ(sample.architecture, architecture);
    sum += std::exp(sample.log_probability);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(ControllerTest, ANetworkThatSaysNothingDrawsEverySetAsLikely) {
  const std::vector<ir::Decision> decisions = {Subset("two", 5, 2, 2), Subset("some", 4, 1, 3)};
  ControllerSpec spec = Small();
  spec.initial = 0;
  Controller controller(decisions, {}, spec, 1);
  const std::vector<Architecture> all = All(decisions);
  ASSERT_EQ(all.size(), 10 * 14);
  for (const Architecture& architecture : all) {
    EXPECT_NEAR(controller.Score(architecture).log_probability, -std::log(140), 1e-12);
  }
}

TEST(ControllerTest, DrawsWithTheProbabilitiesItSays) {
  const std::vector<ir::Decision> decisions = EveryKind();
  Controller controller(decisions, {}, Small(), 2);
  const std::vector<Architecture> all = All(decisions);
  std::vector<int> counts(all.size(), 0);
  Rng rng(3);
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    const Architecture drawn = controller.Draw(rng).architecture;
    const auto it = std::find(all.begin(), all.end(), drawn);
    ASSERT_NE(it, all.end());
    ++counts[it - all.begin()];
  }
  double chi_squared = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const double expected = kDraws * std::exp(controller.Score(all[i]).log_probability);
    chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  const double freedom = static_cast<double>(all.size()) - 1;
  EXPECT_LT(chi_squared, freedom + 4 * std::sqrt(2 * freedom));
}

void ExpectGradients(const ControllerSpec& spec) {
  const std::vector<ir::Decision> decisions = EveryKind();
  Controller controller(decisions, {}, spec, 4);
  Rng rng(5);
  for (int i = 0; i < 3; ++i) {
    const Architecture architecture = controller.Draw(rng).architecture;
    Controller fresh(decisions, {}, spec, 4);
    const double weight = 0.7 - i;
    fresh.Accumulate(
        architecture, [&](double) { return weight; }, 0.3);
    const std::vector<double> gradient(fresh.gradient().begin(), fresh.gradient().end());
    const auto value = [&] {
      const Controller::Sample sample = fresh.Score(architecture);
      return weight * sample.log_probability + 0.3 * sample.entropy;
    };
    for (size_t k = 0; k < gradient.size(); ++k) {
      constexpr double kStep = 1e-5;
      double& at = fresh.weights()[k];
      const double before = at;
      at = before + kStep;
      const double above = value();
      at = before - kStep;
      const double below = value();
      at = before;
      ASSERT_NEAR(gradient[k], (above - below) / (2 * kStep), 1e-7) << "weight " << k;
    }
  }
}

TEST(ControllerTest, GradientsAreThoseOfDifferences) { ExpectGradients(Small()); }

TEST(ControllerTest, GradientsThroughTemperatureAndTanh) {
  ControllerSpec spec = Small();
  spec.temperature = 0.8;
  spec.tanh_constant = 2.5;
  ExpectGradients(spec);
}

TEST(ControllerTest, AscendingMakesTheRewardedOneLikely) {
  const std::vector<ir::Decision> decisions = EveryKind();
  ControllerSpec spec;
  spec.size = 16;
  spec.adam.learning_rate = 0.01;
  Controller controller(decisions, {}, spec, 6);
  Rng rng(7);
  const Architecture wanted = controller.Draw(rng).architecture;
  for (int i = 0; i < 100; ++i) {
    controller.Accumulate(
        wanted, [](double) { return 1.0; }, 0);
    controller.Ascend();
  }
  EXPECT_GT(controller.Score(wanted).log_probability, std::log(0.9));
}

TEST(ControllerTest, AStateGoesOnWhereItWasTaken) {
  const std::vector<ir::Decision> decisions = EveryKind();
  Controller a(decisions, {}, Small(), 8);
  Controller b(decisions, {}, Small(), 9);
  Rng rng(10);
  const Architecture some = a.Draw(rng).architecture;
  const auto learn = [&](Controller& controller) {
    controller.Accumulate(
        some, [](double) { return 1.0; }, 0.1);
    controller.Ascend();
  };
  learn(a);
  ASSERT_TRUE(b.SetState(a.State()));
  learn(a);
  learn(b);
  EXPECT_EQ(a.State(), b.State());
  EXPECT_FALSE(b.SetState({1.0, 2.0}));
}

TEST(ControllerTest, MeetsConstraintsByDrawingAgain) {
  const std::vector<ir::Decision> decisions = {Choice("a", 3), Choice("b", 3)};
  ir::Constraint constraint;
  constraint.value = ir::Dim(ir::Diagram<int64_t>::Choice({0, -1}, {1, 2, 3}));
  constraint.least = 2;
  constraint.most = 2;
  const std::vector<ir::Constraint> constraints = {constraint};
  Controller controller(decisions, constraints, Small(), 11);
  Rng rng(12);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(controller.Draw(rng).architecture.picks[0], std::vector<int>{1});
  }
}

}  // namespace
}  // namespace nasc
