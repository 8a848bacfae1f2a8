#include "strategies/one_shot/one_shot_search.h"

#include <signal.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/interrupt.h"
#include "runtime/test_task.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/test_supernet.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

int64_t steps_to_a_stop = 0;  // after which the user presses Ctrl-C; 0: never

// DARTS with a user.
class Stopped : public OneShotStrategy {
 public:
  explicit Stopped(std::unique_ptr<OneShotStrategy> darts) : darts_(std::move(darts)) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    if (steps_to_a_stop > 0 && --steps_to_a_stop == 0) raise(SIGINT);
    return darts_->Step(training, validation, progress);
  }
  Architecture Derive() const override { return darts_->Derive(); }
  NamedTensors State() const override { return darts_->State(); }
  NamedTensors Save() const override { return darts_->Save(); }
  absl::Status Restore(const NamedTensors& saved) override { return darts_->Restore(saved); }
  absl::Status PrepareDecisionGradient() override { return darts_->PrepareDecisionGradient(); }
  absl::StatusOr<double> DecisionGradient(const Batch& batch) override {
    return darts_->DecisionGradient(batch);
  }

 private:
  std::unique_ptr<OneShotStrategy> darts_;
};

absl::StatusOr<std::unique_ptr<OneShotStrategy>> MakeStopped(const OneShotContext& context,
                                                             const Options& options) {
  auto darts = FindStrategy("darts")->make_one_shot(context, options);
  if (!darts.ok()) return darts.status();
  return std::make_unique<Stopped>(*std::move(darts));
}

class OneShotSearchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    StrategyInfo info = *FindStrategy("darts");
    info.name = "stopped_darts";
    info.make_one_shot = MakeStopped;
    const StrategyRegistration registration(std::move(info));
  }

  OneShotSearchTest()
      : task_(*SmallTask(64, 8, "validation = 50%")), progress_(stderr, false, /*quiet=*/true) {
    InstallInterruptHandler();
    ClearInterrupt();
    steps_to_a_stop = 0;
  }

  void Declare(const std::string& strategy) {
    supernet_ = std::make_unique<TestSupernet>(absl::StrCat(
        "search s {\n  space tiny at small\n  data fashion_mnist\n  strategy ", strategy,
        "\n  train sgd { learning_rate = cosine(0.05, 0.001)  batch = 8 }\n  budget steps 7\n}\n"));
    config_ = std::make_unique<SearchConfig>(supernet_->config());
  }

  // In the run's folder of that name. Stops after so many steps, if any.
  absl::StatusOr<Architecture> Search(const std::string& name, bool resume, int64_t stop = 0) {
    steps_to_a_stop = stop;
    ClearInterrupt();
    if (!resume) {
      folder_ = std::make_unique<RunFolder>(*RunFolder::Create(TestFolder(), name, true));
    }
    auto metrics = MetricsLog::Open(folder_->File("metrics.jsonl"));
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    const RunContext run{*folder_, *metrics, progress_};
    return SearchOneShot({*config_, supernet_->graph(), task_}, run, resume);
  }

  std::string Read(const std::string& name, const std::string& file) const {
    const auto text = ReadFileToString(absl::StrCat(TestFolder(), "/", name, "/", file));
    EXPECT_TRUE(text.ok()) << text.status();
    return *text;
  }

  void ExpectAlike(const std::string& a, const std::string& b) const {
    EXPECT_EQ(Read(a, "metrics.jsonl"), Read(b, "metrics.jsonl"));
    for (const char* file : {"architecture.arch", kSupernetFile, kDecisionsFile, kSearchFile}) {
      EXPECT_TRUE(Read(a, file) == Read(b, file)) << file;
    }
  }

  Task task_;
  Progress progress_;
  std::unique_ptr<TestSupernet> supernet_;
  std::unique_ptr<SearchConfig> config_;
  std::unique_ptr<RunFolder> folder_;
};

TEST_F(OneShotSearchTest, GoesOnAsIfItHadNeverStopped) {
  for (const std::string settings :
       {"learning_rate = 0.1", "learning_rate = 0.1  order = 2  warm_up = 0.5"}) {
    Declare(absl::StrCat("stopped_darts { ", settings, " }"));
    const std::string whole = absl::StrCat("whole", settings.size());
    const std::string parts = absl::StrCat("parts", settings.size());
    const auto expected = Search(whole, /*resume=*/false);
    ASSERT_TRUE(expected.ok()) << expected.status();
    EXPECT_TRUE(absl::IsCancelled(Search(parts, /*resume=*/false, /*stop=*/2).status()));
    EXPECT_TRUE(absl::IsCancelled(Search(parts, /*resume=*/true, /*stop=*/3).status()));
    EXPECT_NE(Read(parts, "metrics.jsonl"), Read(whole, "metrics.jsonl"));
    const auto found = Search(parts, /*resume=*/true);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, *expected);
    ExpectAlike(parts, whole);
    // What is over stays so.
    EXPECT_EQ(*Search(parts, /*resume=*/true), *expected);
    ExpectAlike(parts, whole);
  }
}

TEST_F(OneShotSearchTest, WhatWasMeasuredAfterTheLastCheckpointIsForgotten) {
  Declare("stopped_darts { learning_rate = 0.1 }");
  ASSERT_TRUE(Search("whole", /*resume=*/false).ok());
  EXPECT_FALSE(Search("killed", /*resume=*/false, /*stop=*/4).ok());
  auto metrics = MetricsLog::Open(folder_->File("metrics.jsonl"));
  ASSERT_TRUE(metrics->Append({{"phase", "search"}, {"step", 5}}).ok());
  ASSERT_TRUE(Search("killed", /*resume=*/true).ok());
  ExpectAlike("killed", "whole");
}

TEST_F(OneShotSearchTest, EndsEarlyAndGoesOnAlikeWhileItWatches) {
  Declare(
      "stopped_darts { learning_rate = 0.1  stop_eigenvalue = 1  stop_window = 1  check_every = 2 "
      "}");
  const auto expected = Search("whole", /*resume=*/false);
  ASSERT_TRUE(expected.ok()) << expected.status();
  EXPECT_TRUE(absl::StrContains(Read("whole", "metrics.jsonl"), "\"phase\":\"check\""));
  EXPECT_FALSE(Search("parts", /*resume=*/false, /*stop=*/3).ok());
  const auto found = Search("parts", /*resume=*/true);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, *expected);
  ExpectAlike("parts", "whole");
}

TEST_F(OneShotSearchTest, AnotherSearchIsNotTakenUp) {
  Declare("stopped_darts { learning_rate = 0.1 }");
  EXPECT_FALSE(Search("run", /*resume=*/false, /*stop=*/2).ok());
  Declare("stopped_darts { learning_rate = 0.1  edge_normalization = on }");
  EXPECT_TRUE(absl::IsDataLoss(Search("run", /*resume=*/true).status()));
}

TEST_F(OneShotSearchTest, WhatItCannotDoIsKnownBefore) {
  Declare("stopped_darts { stop_eigenvalue = 0.75 }");
  EXPECT_TRUE(CheckOneShot({*config_, supernet_->graph(), task_}).ok());
  Declare("stopped_darts { partial_channels = 3 }");
  EXPECT_FALSE(CheckOneShot({*config_, supernet_->graph(), task_}).ok());
}

}  // namespace
}  // namespace nasc
