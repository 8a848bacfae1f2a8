#include "strategies/schedule/scheduler.h"

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostics.h"
#include "gtest/gtest.h"
#include "strategies/schedule/rungs.h"

namespace nasc {
namespace {

constexpr double kDiverged = -std::numeric_limits<double>::infinity();

// Proposes 0, 1, 2, ... and counts what it is shown.
class Counting : public TrialStrategy {
 public:
  explicit Counting(uint64_t most = 1000000) : most_(most) {}
  std::optional<ArchitectureCode> Propose() override {
    if (next_ == most_) return std::nullopt;
    return ArchitectureCode{next_++};
  }
  void Observe(const ArchitectureCode& architecture, absl::Span<const double>) override {
    ++shown[architecture[0]];
  }
  std::map<uint64_t, int> shown;

 private:
  const uint64_t most_;
  uint64_t next_ = 0;
};

std::unique_ptr<Scheduler> Make(const std::string& name, int64_t trials,
                                std::map<std::string, double> settings,
                                std::vector<double> fidelities = {}) {
  const SchedulerInfo* const info = FindScheduler(name);
  std::vector<OptionSpec> specs = info->options;
  for (OptionSpec& spec : specs) {
    if (settings.count(spec.name) > 0) spec.number = settings[spec.name];
  }
  Diagnostics diagnostics;
  return info->make({trials, std::move(fidelities)}, ReadOptions(name, specs, {}, diagnostics));
}

struct Step {
  uint64_t architecture;
  int64_t units;  // of 1/81 of a trial
};

// Until there is no more to do, or the budget is spent. Later architectures are better, but those
// that `diverges` names.
std::vector<Step> RunAll(
    Scheduler& scheduler, TrialStrategy& strategy, double trials,
    const std::function<bool(uint64_t)>& diverges = [](uint64_t) { return false; }) {
  std::vector<Step> steps;
  double spent = 0;
  while (true) {
    const std::optional<Proposal> proposal = scheduler.Propose(strategy);
    if (!proposal.has_value() || spent + proposal->fidelity > trials + 1e-9) return steps;
    spent += proposal->fidelity;
    const uint64_t number = proposal->architecture[0];
    steps.push_back({number, static_cast<int64_t>(proposal->fidelity * 81 + 0.5)});
    const double objective = diverges(number) ? kDiverged : static_cast<double>(number);
    scheduler.Observe(*proposal, {objective}, strategy);
  }
}

// (units, how many) of each run of steps with equal units.
std::vector<std::pair<int64_t, int>> Rungs(const std::vector<Step>& steps) {
  std::vector<std::pair<int64_t, int>> rungs;
  for (const Step& step : steps) {
    if (rungs.empty() || rungs.back().first != step.units) rungs.emplace_back(step.units, 0);
    ++rungs.back().second;
  }
  return rungs;
}

using Table = std::vector<std::pair<int64_t, int>>;

// The paper's example: R = 81, eta = 3, the sizes by lines 3 and 7 of Algorithm 1.
TEST(SchedulerTest, HyperbandRunsTheBracketsOfThePaper) {
  const auto scheduler = Make("hyperband", 1000, {{"least", 1.0 / 81}});
  Counting strategy;
  Table rungs = Rungs(RunAll(*scheduler, strategy, 1000));
  const Table expected = {{1, 81}, {3, 27},    {9, 9},  {27, 3}, {81, 1},  // s = 4
                          {3, 34}, {9, 11},    {27, 3}, {81, 1},           // s = 3
                          {9, 15}, {27, 5},    {81, 1},                    // s = 2
                          {27, 8}, {81, 2 + 5}};                           // s = 1, s = 0
  ASSERT_GT(rungs.size(), expected.size());
  rungs.resize(expected.size());
  EXPECT_EQ(rungs, expected);
}

TEST(SchedulerTest, SuccessiveHalvingPromotesTheBestAndShowsEachOnce) {
  const auto scheduler = Make("successive_halving", 1000, {{"least", 1.0 / 9}, {"width", 9}});
  Counting strategy;
  const std::vector<Step> steps = RunAll(*scheduler, strategy, 3);  // one bracket
  EXPECT_EQ(Rungs(steps), (Table{{9, 9}, {27, 3}, {81, 1}}));
  ASSERT_EQ(steps.size(), 13);
  EXPECT_EQ(steps[9].architecture, 8);
  EXPECT_EQ(steps[10].architecture, 7);
  EXPECT_EQ(steps[11].architecture, 6);
  EXPECT_EQ(steps[12].architecture, 8);
  EXPECT_EQ(strategy.shown.size(), 9);
  for (const auto& [architecture, times] : strategy.shown) EXPECT_EQ(times, 1) << architecture;
}

// 300 of a ninth, 100 of a third, 33 whole ones: 33.3 + 33.3 + 33.
TEST(SchedulerTest, SuccessiveHalvingSpendsItsBudgetInOneBracket) {
  const auto scheduler = Make("successive_halving", 100, {});
  Counting strategy;
  const Table rungs = Rungs(RunAll(*scheduler, strategy, 1000));
  ASSERT_GE(rungs.size(), 3);
  EXPECT_GE(rungs[0].second, 298);
  double cost = 0;
  for (const auto& [units, count] : rungs) cost += static_cast<double>(units * count) / 81;
  EXPECT_LE(cost, 100 + 1e-9);
  EXPECT_GT(cost, 98);
}

TEST(SchedulerTest, WhatDivergedIsNotPromoted) {
  for (const char* name : {"successive_halving", "asha"}) {
    const auto scheduler = Make(name, 30, {{"least", 1.0 / 9}});
    Counting strategy;
    const std::vector<Step> steps =
        RunAll(*scheduler, strategy, 30, [](uint64_t number) { return number % 8 != 1; });
    size_t promoted = 0;
    for (const Step& step : steps) {
      if (step.units == 9) continue;
      ++promoted;
      EXPECT_EQ(step.architecture % 8, 1) << name;
    }
    EXPECT_GT(promoted, 0) << name;
  }
}

TEST(SchedulerTest, ABracketEndsWellWhereTheStrategyHasNoMore) {
  const auto scheduler = Make("successive_halving", 100, {});
  Counting strategy(10);
  EXPECT_EQ(Rungs(RunAll(*scheduler, strategy, 100)), (Table{{9, 10}, {27, 3}, {81, 1}}));
}

// By hand: the third of a rung makes room for one promotion; the higher rung goes first.
TEST(SchedulerTest, AshaPromotesAsSoonAsThereIsRoom) {
  const auto scheduler = Make("asha", 100, {{"least", 1.0 / 9}});
  Counting strategy;
  std::vector<Step> steps = RunAll(*scheduler, strategy, 100);
  const std::vector<std::pair<uint64_t, int64_t>> expected = {
      {0, 9}, {1, 9},  {2, 9},  {2, 27}, {3, 9},  {3, 27},  // 3 is the best of 4: it goes on too
      {4, 9}, {4, 27}, {4, 81}, {5, 9},  {5, 27}, {5, 81}};
  ASSERT_GT(steps.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(steps[i].architecture, expected[i].first) << i;
    EXPECT_EQ(steps[i].units, expected[i].second) << i;
  }
  for (const auto& [architecture, times] : strategy.shown) EXPECT_EQ(times, 1) << architecture;
}

TEST(SchedulerTest, DeclaredFidelitiesAreTheRungs) {
  const std::vector<double> declared = {4.0 / 81, 20.0 / 81};
  const auto halving = Make("successive_halving", 100, {{"width", 9}}, declared);
  Counting strategy;
  std::vector<Step> steps = RunAll(*halving, strategy, 2.2);  // one bracket
  EXPECT_EQ(Rungs(steps), (Table{{4, 9}, {20, 3}, {81, 1}}));

  const auto asha = Make("asha", 100, {{"reduction", 2}}, declared);
  Counting others;
  steps = RunAll(*asha, others, 100);
  ASSERT_GT(steps.size(), 3);
  EXPECT_EQ(steps[0].units, 4);
  EXPECT_EQ(steps[2].architecture, 1);  // the better one of two
  EXPECT_EQ(steps[2].units, 20);
}

// Every bracket begins with about as much: n = ceil(3 / (s + 1) / fidelity).
TEST(SchedulerTest, HyperbandWeighsBracketsByDeclaredFidelities) {
  const auto scheduler = Make("hyperband", 1000, {}, {9.0 / 81, 40.0 / 81});
  Counting strategy;
  Table rungs = Rungs(RunAll(*scheduler, strategy, 1000));
  const Table expected = {{9, 9}, {40, 3}, {81, 1}, {40, 4}, {81, 1 + 3}};
  ASSERT_GT(rungs.size(), expected.size());
  rungs.resize(expected.size());
  EXPECT_EQ(rungs, expected);
}

TEST(RungsTest, FidelitiesEndAtAWholeTrial) {
  EXPECT_EQ(Fidelities(1.0 / 9, 3), (std::vector<double>{1.0 / 9, 1.0 / 3, 1}));
  EXPECT_EQ(Fidelities(0.2, 2), (std::vector<double>{0.25, 0.5, 1}));
  EXPECT_EQ(Fidelities(1, 3), std::vector<double>{1});
}

TEST(RungsTest, TheWidestBracketIsWhatABudgetPays) {
  const std::vector<double> fidelities = {1.0 / 9, 1.0 / 3, 1};
  EXPECT_EQ(WidestBracket(3, fidelities, 3), 9);
  EXPECT_EQ(WidestBracket(2.99, fidelities, 3), 8);
  EXPECT_EQ(WidestBracket(1.4, fidelities, 3), 0);
}

}  // namespace
}  // namespace nasc
