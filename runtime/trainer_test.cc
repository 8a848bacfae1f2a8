#include "runtime/trainer.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "runtime/test_task.h"
#include "runtime/training_options.h"

namespace nasc {
namespace {

using Part = Task::Part;

// conv 3x3 of stride 2, bn, relu, drop_path, linear: for 1x28x28 images of ten classes.
Program SmallProgram() {
  using Role = ir::Param::Role;
  using Init = ir::Param::Init;
  Program program;
  program.params = {{"conv.weight", Role::kWeight, Init::kFanIn, 9, {4, 1, 3, 3}},
                    {"bn.weight", Role::kWeight, Init::kOnes, 0, {4}},
                    {"bn.bias", Role::kWeight, Init::kZeros, 0, {4}},
                    {"bn.running_mean", Role::kBuffer, Init::kZeros, 0, {4}},
                    {"bn.running_var", Role::kBuffer, Init::kOnes, 0, {4}},
                    {"linear.weight", Role::kWeight, Init::kFanIn, 784, {10, 784}},
                    {"linear.bias", Role::kWeight, Init::kFanIn, 784, {10}}};
  const auto add = [&program](const std::string& op, std::vector<int> params = {},
                              decltype(ProgramStep::attributes) attributes = {}) {
    const auto value = static_cast<int>(program.steps.size());
    ProgramStep step;
    step.name = op;
    step.op = op;
    if (value > 0) step.inputs = {value - 1};
    step.outputs = {value};
    step.params = std::move(params);
    step.attributes = std::move(attributes);
    program.steps.push_back(std::move(step));
  };
  add("input");
  add("conv", {0},
      {{"stride", int64_t{2}},
       {"padding", int64_t{1}},
       {"dilation", int64_t{1}},
       {"padding_width", int64_t{1}}});
  add("bn", {1, 2, 3, 4}, {{"affine", int64_t{1}}});
  add("relu");
  add("drop_path", {}, {{"rate", 0.2}});
  add("flatten");
  add("linear", {5, 6});
  program.results = {{"logits", static_cast<int>(program.steps.size()) - 1, 1}};
  program.values = {{{-1, 1, 28, 28}}, {{-1, 4, 14, 14}}, {{-1, 4, 14, 14}}, {{-1, 4, 14, 14}},
                    {{-1, 4, 14, 14}}, {{-1, 784}},       {{-1, 10}}};
  SetLifetimes(program);
  return program;
}

Network SmallNetwork(ParameterStore& store) {
  absl::StatusOr<Network> network = Network::Create(SmallProgram(), store);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

Task Images(int train, const std::string& settings) {
  absl::StatusOr<Task> task = SmallTask(train, 10, settings);
  EXPECT_TRUE(task.ok()) << task.status();
  return *std::move(task);
}

TrainSettings Settings(int64_t steps, const std::string& sgd) {
  TrainSettings settings;
  settings.sgd = ReadSettings(SgdOptionSpecs(), sgd);
  settings.steps = steps;
  settings.seed = 1;
  return settings;
}

std::map<std::string, at::Tensor> Copy(const ParameterStore& store) {
  std::map<std::string, at::Tensor> copy;
  for (const auto& [name, tensor] : store.tensors()) copy[name] = tensor.detach().clone();
  return copy;
}

bool AreEqual(const std::map<std::string, at::Tensor>& a,
              const std::map<std::string, at::Tensor>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.equal(y.second);
         });
}

absl::Status Ignore(int64_t, const Score&) { return absl::OkStatus(); }

TEST(TrainerTest, OverfitsAFewImages) {
  const Task task = Images(20, "crop = 0 flip = off");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  const absl::StatusOr<Score> before = Evaluate(network, {}, task, Part::kTrain, store.dtype());
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_GT(before->loss, 1);
  std::vector<int64_t> steps;
  std::vector<double> losses;
  const absl::Status status =
      Train(network, store, task, Settings(60, "learning_rate = 0.05 batch = 20"),
            [&](int64_t done, const Score& score) {
              steps.push_back(done);
              losses.push_back(score.loss);
              return absl::OkStatus();
            });
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(steps.size(), 60u);
  EXPECT_EQ(steps.front(), 1);
  EXPECT_EQ(steps.back(), 60);
  EXPECT_LT(losses.back(), 0.3 * losses.front());  // paths are dropped still
  const absl::StatusOr<Score> after = Evaluate(network, {}, task, Part::kTrain, store.dtype());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->quality, 1);
  EXPECT_LT(after->loss, 0.1);
}

TEST(TrainerTest, TheSameSeedGivesTheSameWeightsToTheLastBit) {
  const Task task = Images(40, "");
  const auto train = [&task](uint64_t store_seed, uint64_t seed) {
    ParameterStore store(at::kFloat, store_seed);
    const Network network = SmallNetwork(store);
    TrainSettings settings = Settings(10, "batch = 16");
    settings.seed = seed;
    settings.cutout = 8;
    const absl::Status status = Train(network, store, task, settings, Ignore);
    EXPECT_TRUE(status.ok()) << status;
    return Copy(store);
  };
  const std::map<std::string, at::Tensor> trained = train(1, 1);
  EXPECT_TRUE(AreEqual(train(1, 1), trained));
  EXPECT_FALSE(AreEqual(train(2, 1), trained));
  EXPECT_FALSE(AreEqual(train(1, 2), trained));
}

TEST(TrainerTest, ALossThatIsNoNumberIsAnErrorAndChangesNoWeight) {
  const Task task = Images(20, "");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  {
    const at::NoGradGuard no_grad;
    store.tensors().at("linear.bias")[0].fill_(std::numeric_limits<float>::infinity());
  }
  const std::map<std::string, at::Tensor> before = Copy(store);
  const absl::Status status = Train(network, store, task, Settings(5, "batch = 10"), Ignore);
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(status.message(),
            "the loss is no longer a finite number: a lower learning_rate may help");
  for (const ProgramParam& param : network.program().params) {
    if (param.role != ir::Param::Role::kWeight) continue;
    EXPECT_TRUE(store.tensors().at(param.name).equal(before.at(param.name))) << param.name;
  }
}

TEST(TrainerTest, AnErrorAfterAStepEndsTheTraining) {
  const Task task = Images(20, "");
  ParameterStore store(at::kFloat, 1);
  int64_t last = 0;
  const absl::Status status =
      Train(SmallNetwork(store), store, task, Settings(5, "batch = 10"),
            [&last](int64_t done, const Score&) {
              last = done;
              return done == 2 ? absl::CancelledError("enough") : absl::OkStatus();
            });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(last, 2);
}

TEST(TrainerTest, ABatchThatThePartCannotFillIsAnError) {
  const Task task = Images(20, "");
  ParameterStore store(at::kFloat, 1);
  const absl::Status status =
      Train(SmallNetwork(store), store, task, Settings(5, "batch = 21"), Ignore);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

// What LibTorch throws comes out as an error.
TEST(TrainerTest, ImagesThatDoNotFitAreAnError) {
  const Task task = Images(20, "pad = 2");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  const absl::Status trained = Train(network, store, task, Settings(1, "batch = 10"), Ignore);
  EXPECT_EQ(trained.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(trained.message().substr(0, 10), "training: ");
  EXPECT_EQ(trained.message().find("frame #"), absl::string_view::npos) << trained;
  EXPECT_EQ(Evaluate(network, {}, task, Part::kTest, store.dtype()).status().code(),
            absl::StatusCode::kInternal);
}

// The images are more than a batch, and the last batch is not full.
TEST(TrainerTest, EvaluatesEveryImageOnce) {
  const Task task = Images(260, "");
  ParameterStore store(at::kDouble, 1);
  const Network network = SmallNetwork(store);
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 260);
  ASSERT_TRUE(loader.ok()) << loader.status();
  const Batch all = NextBatch(*loader, at::kDouble);
  const at::Tensor logits = network.Forward(all.inputs, {}, ForwardMode{}).logits.detach();
  const absl::StatusOr<Score> score = Evaluate(network, {}, task, Part::kTrain, at::kDouble);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(score->loss, at::cross_entropy_loss(logits, all.targets).item<double>(), 1e-12);
  EXPECT_NEAR(score->quality, Accuracy(logits, all.targets), 1e-12);
}

TEST(TrainerTest, BatchesAreTensorsOfTheirOwn) {
  const Task task = Images(20, "");
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 12);
  absl::StatusOr<Loader> twin = task.Evaluation(Part::kTrain, 12);
  ASSERT_TRUE(loader.ok() && twin.ok());
  const Batch batch = NextBatch(*loader, at::kDouble);
  const FloatBatch floats = twin->Next();
  EXPECT_EQ(NextBatch(*loader, at::kFloat).targets.size(0), 8);
  ASSERT_EQ(batch.inputs.sizes(), c10::IntArrayRef({12, 1, 28, 28}));
  EXPECT_TRUE(batch.inputs.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(batch.inputs.scalar_type(), at::kDouble);
  for (int64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(batch.targets[i].item<int64_t>(), i % 10);
    EXPECT_EQ(batch.inputs[i][0][3][5].item<float>(), floats.pixels[i * 784 + 3 * 28 + 5]);
  }
}

}  // namespace
}  // namespace nasc
