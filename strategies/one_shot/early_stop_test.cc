#include "strategies/one_shot/early_stop.h"

#include <ATen/ops/ones.h>

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/test_task.h"
#include "strategies/one_shot/remedy_options.h"
#include "strategies/one_shot/test_supernet.h"

namespace nasc {
namespace {

// Stands for whatever architecture is set; its loss has a set curvature.
class FakeStrategy : public OneShotStrategy {
 public:
  explicit FakeStrategy(bool differentiable = true, bool derives_early = true)
      : differentiable_(differentiable), derives_early_(derives_early) {}

  absl::StatusOr<Score> Step(const Batch&, const Batch&, double) override { return Score(); }
  Architecture Derive() const override { return architecture; }
  NamedTensors State() const override { return {{"x", x_}}; }
  NamedTensors Save() const override { return {}; }
  absl::Status Restore(const NamedTensors&) override { return absl::OkStatus(); }
  bool derives_early() const override { return derives_early_; }
  absl::Status PrepareDecisionGradient() override {
    return differentiable_ ? absl::OkStatus() : OneShotStrategy::PrepareDecisionGradient();
  }
  absl::StatusOr<double> DecisionGradient(const Batch&) override {
    x_.mutable_grad() = x_.mul(curvature);
    return 0.0;
  }

  Architecture architecture;
  double curvature = 1;

 private:
  bool differentiable_;
  bool derives_early_;
  at::Tensor x_ = at::ones({2}, at::kDouble);
};

class EarlyStopTest : public testing::Test {
 protected:
  absl::StatusOr<EarlyStop> Make(const std::string& settings, OneShotStrategy& strategy) {
    const Options options = ReadSettings(RemedyOptionSpecs(), settings);
    return EarlyStop::Create(options, {supernet_.graph(), store_, options, 1}, supernet_.graph(),
                             strategy, /*epoch=*/3);
  }

  // An architecture with so many identities in a cell, up to three; which differ in the last edge.
  Architecture WithIdentities(int count, const std::string& last = "conv_3") {
    const std::vector<std::string> edges = {"normal.n0.prev_prev", "normal.n0.prev.",
                                            "normal.n1.prev_prev"};
    std::vector<std::pair<std::string, std::string>> operations = {{"normal.n1.prev.", last}};
    for (int i = 0; i < count; ++i) operations.emplace_back(edges.at(i), "skip_connect");
    return supernet_.Taking(operations);
  }

  TestSupernet supernet_;
  ParameterStore store_{at::kFloat, 1};
};

TEST_F(EarlyStopTest, NothingIsWatchedByDefault) {
  FakeStrategy strategy;
  auto stop = Make("", strategy);
  ASSERT_TRUE(stop.ok());
  strategy.architecture = WithIdentities(3);
  const auto check = stop->After(3, strategy, {});
  ASSERT_TRUE(check.ok());
  EXPECT_FALSE(check->has_value());
}

TEST_F(EarlyStopTest, StopsBeforeACellTakesTooManyIdentities) {
  FakeStrategy strategy;
  auto stop = Make("stop_skips = 2", strategy);
  ASSERT_TRUE(stop.ok());
  const auto check = [&](int64_t steps, const Architecture& architecture) {
    strategy.architecture = architecture;
    const auto seen = stop->After(steps, strategy, {});
    EXPECT_TRUE(seen.ok());
    return seen->has_value() ? (*seen)->identities : -1;
  };
  EXPECT_EQ(check(3, WithIdentities(3)), 3);
  EXPECT_FALSE(stop->stopped()) << "it begins above the limit";
  EXPECT_EQ(check(4, WithIdentities(2)), -1) << "an epoch has three steps";
  EXPECT_EQ(check(6, WithIdentities(2)), 2);
  EXPECT_EQ(check(9, WithIdentities(2, "pool")), 2);
  EXPECT_FALSE(stop->stopped());
  EXPECT_EQ(check(12, WithIdentities(3)), 3);
  EXPECT_TRUE(stop->stopped());
  EXPECT_EQ(stop->result(), WithIdentities(2, "pool"));
  EXPECT_EQ(stop->reason(), "a cell takes 3 identities, more than stop_skips = 2");
}

TEST_F(EarlyStopTest, StopsWhereTheCurvatureHasRisenAlsoAfterGoingOn) {
  const std::vector<double> curvatures = {1, 1, 1.1, 1.2, 1.2, 3};
  const std::vector<Architecture> architectures = {
      WithIdentities(0), WithIdentities(1),         WithIdentities(2),
      WithIdentities(3), WithIdentities(0, "pool"), WithIdentities(1, "pool")};
  const char kSettings[] = "stop_eigenvalue = 0.75  stop_window = 2  check_every = 1";
  FakeStrategy strategy;
  for (size_t restart = 0; restart <= curvatures.size(); ++restart) {
    std::optional<EarlyStop> stop(*Make(kSettings, strategy));
    for (size_t i = 0; i < curvatures.size(); ++i) {
      if (i == restart) {
        const NamedTensors saved = stop->Save();
        stop.emplace(*Make(kSettings, strategy));
        ASSERT_TRUE(stop->Restore(saved).ok());
      }
      EXPECT_FALSE(stop->stopped()) << i;
      strategy.curvature = curvatures[i];
      strategy.architecture = architectures[i];
      const auto seen = stop->After(static_cast<int64_t>(i) + 1, strategy, {});
      ASSERT_TRUE(seen.ok() && seen->has_value());
      EXPECT_NEAR(*(*seen)->eigenvalue, curvatures[i], 1e-6);
    }
    // (1.1 + 1.2) / 2 < 0.75 * (1.2 + 3) / 2, and the older window begins with the third check.
    EXPECT_TRUE(stop->stopped());
    EXPECT_EQ(stop->result(), architectures[2]);
    EXPECT_EQ(stop->reason(), "the dominant eigenvalue rose from 1.15 to 2.1");
    auto resumed = Make(kSettings, strategy);
    ASSERT_TRUE(resumed->Restore(stop->Save()).ok());
    EXPECT_EQ(resumed->reason(), stop->reason());
    EXPECT_EQ(resumed->result(), stop->result());
  }
}

TEST_F(EarlyStopTest, CurvatureNeedsDecisionsThatAreDifferentiable) {
  FakeStrategy strategy(/*differentiable=*/false);
  EXPECT_TRUE(Make("stop_skips = 2", strategy).ok());
  const absl::Status status = Make("stop_eigenvalue = 0.75", strategy).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(EarlyStopTest, SkipsAreCountedInAnArchitecture) {
  FakeStrategy strategy(/*differentiable=*/true, /*derives_early=*/false);
  EXPECT_TRUE(Make("stop_eigenvalue = 0.75", strategy).ok());
  const absl::Status status = Make("stop_skips = 2", strategy).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(EarlyStopTest, WhatIsOfAnotherSpaceIsNotTakenUp) {
  FakeStrategy strategy;
  auto stop = Make("stop_skips = 2", strategy);
  strategy.architecture = WithIdentities(1);
  ASSERT_TRUE(stop->After(3, strategy, {}).ok());
  NamedTensors saved = stop->Save();
  saved["within"] = SaveNumbers({2, 0, 9});
  EXPECT_TRUE(absl::IsDataLoss(stop->Restore(saved)));
  EXPECT_TRUE(absl::IsDataLoss(stop->Restore({})));
}

}  // namespace
}  // namespace nasc
