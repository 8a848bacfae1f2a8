#include "strategies/one_shot/shared_weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/zeros.h>

#include <iterator>
#include <map>
#include <string>

#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

const char kCandidates[] =
    "ops candidates { identity  pool = max_pool(3) -> when relaxed { bn }  conv_3 = relu -> "
    "conv(3) "
    "-> bn }\n";
const char kHead[] = "relu -> global_avg_pool -> dropout(0.5) -> linear(classes)";

// The supernet's weights, made by all options of its only decision.
ParameterStore WeightsOf(const ir::Graph& supernet, int options) {
  ParameterStore store(at::kFloat, 5);
  for (int option = 0; option < options; ++option) {
    const auto graph = RelaxToSample(supernet, TestSearch::Taking(option));
    EXPECT_TRUE(graph.ok()) << graph.status();
    const auto program = BuildProgram(*graph);
    EXPECT_TRUE(program.ok()) << program.status();
    const auto network = Network::Create(*program, store);
    EXPECT_TRUE(network.ok()) << network.status();
  }
  return store;
}

std::map<std::string, at::Tensor> Copies(const ParameterStore& store) {
  std::map<std::string, at::Tensor> copies;
  for (const auto& [name, tensor] : store.tensors()) copies[name] = tensor.detach().clone();
  return copies;
}

void ExpectEqual(const std::map<std::string, at::Tensor>& expected, const ParameterStore& store) {
  ASSERT_EQ(store.tensors().size(), expected.size());
  for (const auto& [name, tensor] : store.tensors()) {
    EXPECT_TRUE(tensor.equal(expected.at(name))) << name;
  }
}

class SharedWeightsTest : public testing::Test {
 protected:
  // By LibTorch's operators one by one, in a store of its own whose statistics may change. Nothing
  // is dropped since the head is run without its dropout.
  Score ByHand(int option) {
    const TestSearch without(
        TestSearch::Space(kCandidates, "relu -> global_avg_pool -> linear(classes)"));
    ParameterStore copy(at::kFloat, 0);
    for (const auto& [name, tensor] : store_.tensors()) {
      const bool statistics = name.find("running") != std::string::npos;
      copy.Put(name, statistics ? ir::Param::Role::kBuffer : ir::Param::Role::kWeight,
               tensor.detach().clone());
    }
    const auto graph = RelaxToSample(without.supernet(), TestSearch::Taking(option));
    const auto network = Network::Create(*BuildProgram(*graph), copy);
    EXPECT_TRUE(network.ok()) << network.status();
    Network::Logits logits;
    for (const ProgramDecision& decision : network->program().decisions) {
      logits[decision.path] = at::zeros({decision.options});
    }
    auto loader = search_.task().Evaluation(Task::Part::kValidation, 16);
    const Batch batch = NextBatch(*loader, at::kFloat);
    ForwardMode mode;
    mode.training = true;
    const at::NoGradGuard no_grad;
    const at::Tensor output = network->Reference(batch.inputs, logits, mode).logits;
    Score score;
    score.loss = at::cross_entropy_loss(output, batch.targets).item<double>();
    score.quality = Accuracy(output, batch.targets);
    return score;
  }

  const TestSearch search_{TestSearch::Space(kCandidates, kHead)};
  ParameterStore store_ = WeightsOf(search_.supernet(), 3);
};

TEST_F(SharedWeightsTest, ScoresASampleByTheStatisticsOfTheBatch) {
  SharedWeights shared(search_.supernet(), store_.tensors(), store_.dtype());
  const auto before = Copies(store_);
  for (int option = 0; option < 3; ++option) {
    const auto score =
        shared.On(TestSearch::Taking(option), search_.task(), Task::Part::kValidation);
    ASSERT_TRUE(score.ok()) << score.status();
    const Score expected = ByHand(option);
    EXPECT_NEAR(score->loss, expected.loss, 1e-5) << option;
    EXPECT_EQ(score->quality, expected.quality) << option;
  }
  ExpectEqual(before, store_);
}

TEST_F(SharedWeightsTest, ABatchIsScoredLikeAPart) {
  SharedWeights shared(search_.supernet(), store_.tensors(), store_.dtype());
  auto loader = search_.task().Evaluation(Task::Part::kValidation, 16);
  const Batch batch = NextBatch(*loader, store_.dtype());
  const auto of_batch = shared.On(TestSearch::Taking(2), batch);
  const auto of_part = shared.On(TestSearch::Taking(2), search_.task(), Task::Part::kValidation);
  ASSERT_TRUE(of_batch.ok() && of_part.ok());
  EXPECT_NEAR(of_batch->loss, of_part->loss, 1e-6);
  EXPECT_EQ(of_batch->quality, of_part->quality);
}

TEST_F(SharedWeightsTest, SeesWeightsThatChangeInPlace) {
  SharedWeights shared(search_.supernet(), store_.tensors(), store_.dtype());
  const auto score = [&] {
    return shared.On(TestSearch::Taking(2), search_.task(), Task::Part::kValidation)->loss;
  };
  const double before = score();
  EXPECT_EQ(score(), before);
  {
    const at::NoGradGuard no_grad;
    for (const at::Tensor& weight : store_.Weights()) weight.mul_(2);
  }
  EXPECT_NE(score(), before);
}

TEST_F(SharedWeightsTest, ForgettingNetworksChangesNothing) {
  SharedWeights all(search_.supernet(), store_.tensors(), store_.dtype());
  SharedWeights last(search_.supernet(), store_.tensors(), store_.dtype(), /*kept=*/1);
  for (const int option : {0, 1, 0, 2, 2, 1, 0}) {
    const auto on = [&](SharedWeights& shared) {
      return shared.On(TestSearch::Taking(option), search_.task(), Task::Part::kValidation)->loss;
    };
    EXPECT_EQ(on(all), on(last));
  }
}

TEST_F(SharedWeightsTest, AWeightThatIsNotThereIsAnError) {
  std::map<std::string, at::Tensor> weights = store_.tensors();
  for (auto it = weights.begin(); it != weights.end();) {
    it = it->first.find("conv_3") != std::string::npos ? weights.erase(it) : std::next(it);
  }
  SharedWeights shared(search_.supernet(), weights, store_.dtype());
  EXPECT_TRUE(shared.Check(TestSearch::Taking(0)).ok());
  const absl::Status status = shared.Check(TestSearch::Taking(2));
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

}  // namespace
}  // namespace nasc
