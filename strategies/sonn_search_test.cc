// SONN from the data to the network that is kept: on the series of Mackey and Glass it must tell
// x(t + 6) with an error below a tenth of the series' deviation.

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/test_task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/node_fit.h"
#include "strategies/evaluate/objective.h"
#include "strategies/final_training.h"
#include "strategies/registry.h"
#include "strategies/trial_search.h"

namespace nasc {
namespace {

constexpr char kData[] =
    "path = \"examples/sonn/mackey_glass_fit.csv\" "
    "test_path = \"examples/sonn/mackey_glass_test.csv\" "
    "target = \"after_6\" regression = on validation = 20%";

// The search of the example without its run folder.
class SonnSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    sources_ = std::make_unique<Sources>(LoadSources("examples/sonn/sonn.space", diagnostics));
    if (!diagnostics.has_errors()) CheckSources(*sources_, LanguageVocabulary(), diagnostics);
    ASSERT_EQ(diagnostics.Render(), "");
    absl::StatusOr<Task> task =
        Task::Load("table", ReadSettings(FindDataset("table")->options, kData), 1);
    ASSERT_TRUE(task.ok()) << task.status();
    task_ = *std::move(task);
    absl::StatusOr<ir::Graph> supernet = LowerAt(*SpaceOf(sources_->root()), {"", task_->input()});
    ASSERT_TRUE(supernet.ok()) << supernet.status();
    supernet_ = *std::move(supernet);
    auto evaluator = FindEvaluator("fit")->make({supernet_, &*task_, none_, 0, 1, 0}, none_);
    ASSERT_TRUE(evaluator.ok()) << evaluator.status();
    evaluator_ = *std::move(evaluator);
  }

  // The best architecture of so many trials.
  Architecture Search(int64_t trials, uint64_t seed) {
    const DecisionSpace space(supernet_);
    const StrategyInfo& info = *FindStrategy("sonn");
    auto strategy =
        info.make_trial({space, supernet_, trials, 1, seed}, ReadSettings(info.options, ""));
    EXPECT_TRUE(strategy.ok()) << strategy.status();
    ast::Expr measure;
    measure.kind = ast::Expr::Kind::kName;
    measure.text = "description_length";
    Location place;
    const auto objective = Objective::Read(measure, /*maximize=*/false, &place);
    EXPECT_TRUE(objective.ok()) << objective.status();
    TrialSearch::Parts parts{space, **strategy};
    parts.budget = static_cast<double>(trials);
    parts.evaluators = {evaluator_.get()};
    parts.objectives = {*objective};
    auto search = TrialSearch::Create(std::move(parts));
    EXPECT_TRUE(search.ok()) << search.status();
    while (search->trials() < trials) {
      const absl::StatusOr<bool> more = search->Step(nullptr);
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok() || !*more) break;
    }
    return space.Decode(search->front().at(0).architecture);
  }

  WeightValues Weights(const Architecture& architecture) {
    auto weights = evaluator_->Weights(supernet_, architecture);
    EXPECT_TRUE(weights.ok() && weights->has_value()) << weights.status();
    return **std::move(weights);
  }

  const Options none_;
  std::unique_ptr<Sources> sources_;
  std::optional<Task> task_;
  ir::Graph supernet_;
  std::unique_ptr<Evaluator> evaluator_;
};

TEST_F(SonnSearchTest, TellsTheSeriesOfMackeyAndGlass) {
  const Architecture found = Search(10000, 1);
  const WeightValues weights = Weights(found);
  TrainSettings settings;
  settings.sgd = ReadSettings(SgdOptionSpecs(), "");
  const absl::StatusOr<TrainedNetwork> network = TrainArchitecture(
      {supernet_, found, *task_, settings, Task::Part::kTest, "derived", "", &weights}, nullptr);
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_LT(std::sqrt(1 - network->score.quality), 0.1);
}

// What LibTorch computes from the weights is what was fitted.
TEST_F(SonnSearchTest, TheNetworkComputesWhatWasFitted) {
  const Architecture found = Search(1000, 2);
  FitRows rows;
  rows.features.resize(4);
  for (const Task::Part part : {Task::Part::kTrain, Task::Part::kTest}) {
    Loader loader = *task_->Evaluation(part, 1);
    for (int64_t i = 0; i < task_->size(part); ++i) {
      const FloatBatch row = loader.Next();
      for (size_t j = 0; j < 4; ++j) rows.features[j].push_back(row.pixels[j]);
      rows.target.push_back(row.targets[0]);
    }
  }
  rows.fitted = task_->size(Task::Part::kTrain);
  const auto count = static_cast<int64_t>(rows.target.size());
  ASSERT_EQ(count, 1500);
  const auto fit = NodeFitter::Create(supernet_, rows)->Fit(found);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_GT(fit->nodes.size(), 10u);

  const WeightValues weights = Weights(found);
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < 4; ++j) values.push_back(rows.features[j][i]);
  }
  for (const auto& [dtype, allowed] :
       {std::make_pair(at::kDouble, 1e-10), std::make_pair(at::kFloat, 1e-5)}) {
    absl::StatusOr<Program> program = InferenceProgram(supernet_, found);
    ASSERT_TRUE(program.ok()) << program.status();
    ParameterStore store(dtype, 1);
    ASSERT_TRUE(PutWeights(*program, weights, store).ok());
    absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
    ASSERT_TRUE(network.ok()) << network.status();
    const at::Tensor input = at::from_blob(values.data(), {count, 4}, at::kDouble).to(dtype);
    const at::Tensor told = network->Forward(input, {}, {}).logits.to(at::kDouble).contiguous();
    double greatest = 0;
    for (int64_t i = 0; i < count; ++i) {
      greatest = std::max(greatest, std::abs(told.data_ptr<double>()[i] - fit->told[i]));
    }
    EXPECT_LT(greatest, allowed) << dtype;
  }
}

TEST_F(SonnSearchTest, WeightsThatDoNotFitTheNetworkAreRefused) {
  const Architecture found = Search(20, 1);
  const absl::StatusOr<Program> program = InferenceProgram(supernet_, found);
  ASSERT_TRUE(program.ok());
  WeightValues weights = Weights(found);
  ParameterStore store(at::kFloat, 1);
  ASSERT_FALSE(weights.empty());
  weights.begin()->second.push_back(1);
  EXPECT_EQ(PutWeights(*program, weights, store).code(), absl::StatusCode::kInternal);
  weights.erase(weights.begin());
  EXPECT_EQ(PutWeights(*program, weights, store).code(), absl::StatusCode::kInternal);
}

TEST_F(SonnSearchTest, IsTheSameSearchAgain) { EXPECT_EQ(Search(300, 1), Search(300, 1)); }

}  // namespace
}  // namespace nasc
