#include <ATen/core/grad_mode.h>

#include <memory>
#include <string>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/cost.h"
#include "compiler/partial_channels.h"
#include "compiler/relax.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "strategies/evaluate/latency_options.h"
#include "strategies/evaluate/scored_objective.h"
#include "strategies/evaluate/test_search.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/supernet_evolution.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

const char kSpace[] = R"(space test version 1.0.0
import std.cnn
ops candidates { none relaxed  skip_connect  conv_3 = relu_conv_bn(3)  pool = max_pool(3) -> when relaxed { bn } }
cell c(x) {
  node n[2] { edges 1 of earlier { one of candidates } merge sum }
  output last
}
network {
  input image(1, 28, 28) classes 10
  stem conv(3, filters = width, stride = 4) -> bn
  body c
  head relu -> global_avg_pool -> linear(classes)
}
scale small { width = 4 }
)";

struct Case {
  std::string strategy;
  std::string settings;
};

const Case kCases[] = {{"darts", ""},
                       {"pc_darts", "warm_up = 0"},
                       {"gdas", ""},
                       {"drnas", "anchor = 0.1"},
                       {"proxyless", ""},
                       {"spos", "candidates = 8 population = 4 parents = 2"},
                       {"enas", "candidates = 3"}};

class StrategyTest : public testing::Test {
 protected:
  void SetUp() override {
    auto training = search_.task().Training(Task::Part::kSearch, 8, 0, 1);
    auto validation = search_.task().Training(Task::Part::kValidation, 8, 0, 2);
    ASSERT_TRUE(training.ok() && validation.ok());
    for (int i = 0; i < kSteps; ++i) {
      training_.push_back(NextBatch(*training, at::kFloat));
      validation_.push_back(NextBatch(*validation, at::kFloat));
    }
  }

  static constexpr int kSteps = 6;

  // A strategy with the weights that it trains.
  struct Search {
    ParameterStore store{at::kFloat, 1};
    std::unique_ptr<OneShotStrategy> strategy;
  };

  std::unique_ptr<Search> Make(uint64_t seed = 3) const {
    return MakeFor(search_.supernet(), seed);
  }

  std::unique_ptr<Search> MakeFor(const ir::Graph& supernet, uint64_t seed = 3) const {
    const StrategyInfo* info = FindStrategy(which_.strategy);
    auto search = std::make_unique<Search>();
    const OneShotContext context{supernet,        search->store,   sgd_, seed, 0,
                                 &search_.task(), objective_.get()};
    auto made = info->make_one_shot(context, ReadSettings(info->options, which_.settings));
    EXPECT_TRUE(made.ok()) << made.status();
    search->strategy = *std::move(made);
    return search;
  }

  void Step(Search& search, int from, int to) const {
    for (int i = from; i < to; ++i) {
      const auto score = search.strategy->Step(training_[i], validation_[i], 1.0 * i / kSteps);
      ASSERT_TRUE(score.ok()) << score.status();
    }
  }

  static void ExpectEqual(const NamedTensors& a, const NamedTensors& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(name))) << name;
  }

  Case which_;
  const TestSearch search_{kSpace};
  const Options sgd_ = ReadSettings(SgdOptionSpecs(), "batch = 8 learning_rate = 0.1");
  // What strategies that score make great.
  void Minimize(const std::string& measure) {
    ast::Expr name;
    name.kind = ast::Expr::Kind::kName;
    name.text = measure;
    Location place;
    objective_ = MakeObjective(*Objective::Read(name, /*maximize=*/false, &place));
  }
  std::unique_ptr<ScoredObjective> MakeObjective(const Objective& objective) const {
    auto made =
        ScoredObjective::Create(objective, /*regression=*/false, {search_.supernet(), latency_, 1});
    EXPECT_TRUE(made.ok()) << made.status();
    return std::make_unique<ScoredObjective>(*std::move(made));
  }

  const Options latency_ = ReadSettings(LatencyOptionSpecs(), "");
  std::unique_ptr<ScoredObjective> objective_ = MakeObjective(Objective::Maximize("accuracy"));
  std::vector<Batch> training_;
  std::vector<Batch> validation_;
};

TEST_F(StrategyTest, EndsWithAnArchitectureOfTheSpace) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.strategy);
    which_ = each;
    const auto search = Make();
    Step(*search, 0, kSteps);
    const auto chosen = search->strategy->Choose();
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    for (const Architecture& architecture : {*chosen, search->strategy->Derive()}) {
      Diagnostics diagnostics;
      const auto source =
          std::make_shared<const SourceFile>("found.arch", Print(architecture, search_.supernet()));
      EXPECT_EQ(ParseArchitecture(source, search_.supernet(), diagnostics), architecture)
          << diagnostics.Render();
    }
  }
}

TEST_F(StrategyTest, WhatScoresTakesAnyObjective) {
  for (const Case& each : {Case{"spos", "candidates = 40 population = 10 parents = 4"},
                           Case{"enas", "candidates = 40"}}) {
    SCOPED_TRACE(each.strategy);
    EXPECT_TRUE(FindStrategy(each.strategy)->scores);
    which_ = each;
    Minimize("weights");
    const auto search = Make();
    Step(*search, 0, 2);
    const auto chosen = search->strategy->Choose();
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    const CostMeter meter(search_.supernet(), {"logits"});
    EXPECT_EQ(meter.Of(*chosen).weights, meter.AtLeast().weights);
  }
}

TEST_F(StrategyTest, ObjectivesThatNobodyKnowsOrThatChange) {
  const auto refuse = [&](const std::string& measure) {
    const auto made = ScoredObjective::Create(Objective::Maximize(measure), /*regression=*/false,
                                              {search_.supernet(), latency_, 1});
    return std::string(made.status().message());
  };
  EXPECT_THAT(refuse("acuracy"), testing::HasSubstr("acuracy"));
  EXPECT_THAT(refuse("latency"), testing::HasSubstr("latencies from a table"));
}

// Decisions are the same, so what is found is an architecture of the whole.
TEST_F(StrategyTest, SearchesAPartOfTheChannels) {
  const auto narrow = PartialChannels(search_.supernet(), 2);
  ASSERT_TRUE(narrow.ok()) << narrow.status();
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.strategy);
    which_ = each;
    const auto search = MakeFor(*narrow);
    Step(*search, 0, kSteps);
    const auto chosen = search->strategy->Choose();
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    EXPECT_TRUE(Fix(search_.supernet(), *chosen).ok());
  }
}

TEST_F(StrategyTest, IsAFunctionOfItsSeed) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.strategy);
    which_ = each;
    const auto one = Make();
    const auto same = Make();
    const auto other = Make(/*seed=*/4);
    for (Search* search : {one.get(), same.get(), other.get()}) Step(*search, 0, kSteps);
    ExpectEqual(one->store.tensors(), same->store.tensors());
    ExpectEqual(one->strategy->Save(), same->strategy->Save());
    EXPECT_EQ(*one->strategy->Choose(), *same->strategy->Choose());
    bool differs = false;
    for (const auto& [name, tensor] : one->strategy->Save()) {
      const auto theirs = other->strategy->Save();
      differs |= theirs.count(name) == 0 || !tensor.equal(theirs.at(name));
    }
    EXPECT_TRUE(differs);
  }
}

TEST_F(StrategyTest, MovesWhatStandsForTheDecisions) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.strategy);
    which_ = each;
    const auto search = Make();
    NamedTensors before;
    for (const auto& [name, tensor] : search->strategy->State()) before[name] = tensor.clone();
    Step(*search, 0, kSteps);
    for (const auto& [name, tensor] : search->strategy->State()) {
      if (name.find("edges") != std::string::npos) continue;
      EXPECT_FALSE(tensor.equal(before.at(name))) << name;
    }
  }
}

TEST_F(StrategyTest, GoesOnBitForBit) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.strategy);
    which_ = each;
    const auto whole = Make();
    Step(*whole, 0, kSteps);
    const auto first = Make();
    Step(*first, 0, kSteps / 2);
    const NamedTensors saved = first->strategy->Save();
    NamedTensors weights;
    for (const auto& [name, tensor] : first->store.tensors())
      weights[name] = tensor.detach().clone();
    Step(*first, kSteps / 2, kSteps);  // what was saved are copies
    const auto second = Make();
    {
      const at::NoGradGuard no_grad;
      for (const auto& [name, tensor] : second->store.tensors()) tensor.copy_(weights.at(name));
    }
    const absl::Status restored = second->strategy->Restore(saved);
    ASSERT_TRUE(restored.ok()) << restored;
    Step(*second, kSteps / 2, kSteps);
    ExpectEqual(whole->store.tensors(), second->store.tensors());
    ExpectEqual(whole->strategy->Save(), second->strategy->Save());
    EXPECT_EQ(*whole->strategy->Choose(), *second->strategy->Choose());
    EXPECT_TRUE(absl::IsDataLoss(second->strategy->Restore({})));
  }
}

// A score that is the number of decisions that take what the target takes.
TEST(SupernetEvolutionTest, FindsMoreThanRandomWithTheSameBudget) {
  const TestSearch search(kSpace);
  const DecisionSpace space(search.supernet());
  double sums[2] = {0, 0};
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Rng target_rng(HashSeed(seed, "target"));
    const Architecture target = space.Decode(space.Draw(target_rng));
    for (const bool random : {false, true}) {
      SupernetEvolutionSpec spec;
      spec.candidates = 12;
      spec.population = 4;
      spec.parents = 2;
      spec.random = random;
      Rng rng(seed);
      int64_t scored = 0;
      double best = 0;
      const auto score = [&](const Architecture& architecture) -> absl::StatusOr<double> {
        ++scored;
        double same = 0;
        for (size_t d = 0; d < target.picks.size(); ++d) {
          same += architecture.picks[d] == target.picks[d] ? 1 : 0;
        }
        best = std::max(best, same);
        return same;
      };
      const auto found = EvolveOnSupernet(space, spec, rng, score);
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(scored, 12);
      EXPECT_EQ(*score(space.Decode(*found)), best);
      sums[random ? 1 : 0] += best;
    }
  }
  EXPECT_GT(sums[0], sums[1]);
}

}  // namespace
}  // namespace nasc
