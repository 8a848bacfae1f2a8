#include "runtime/training.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "runtime/test_network.h"
#include "runtime/training_options.h"

namespace nasc {
namespace {

using Part = Task::Part;

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

// All of a training; what its steps saw in `scores`.
absl::Status TrainAll(const Network& network, ParameterStore& store, const Task& task,
                      const TrainSettings& settings, std::vector<Score>* scores = nullptr) {
  absl::StatusOr<Training> training = Training::Create(network, store, task, settings);
  if (!training.ok()) return training.status();
  while (!training->ended()) {
    absl::StatusOr<Score> score = training->Step();
    if (!score.ok()) return score.status();
    if (scores != nullptr) scores->push_back(*score);
  }
  return training->Keep();
}

TEST(TrainingTest, OverfitsAFewImages) {
  const Task task = Images(20, "crop = 0 flip = off");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  const absl::StatusOr<Score> before = Evaluate(network, {}, task, Part::kTrain, store.dtype());
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_GT(before->loss, 1);
  std::vector<Score> scores;
  const absl::Status status =
      TrainAll(network, store, task, Settings(60, "learning_rate = 0.05 batch = 20"), &scores);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(scores.size(), 60u);
  EXPECT_LT(scores.back().loss, 0.3 * scores.front().loss);  // paths are dropped still
  const absl::StatusOr<Score> after = Evaluate(network, {}, task, Part::kTrain, store.dtype());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->quality, 1);
  EXPECT_LT(after->loss, 0.1);
}

TEST(TrainingTest, TheSameSeedGivesTheSameWeightsToTheLastBit) {
  const Task task = Images(40, "");
  const auto train = [&task](uint64_t store_seed, uint64_t seed) {
    ParameterStore store(at::kFloat, store_seed);
    const Network network = SmallNetwork(store);
    TrainSettings settings = Settings(10, "batch = 16");
    settings.seed = seed;
    settings.cutout = 8;
    const absl::Status status = TrainAll(network, store, task, settings);
    EXPECT_TRUE(status.ok()) << status;
    return Copy(store);
  };
  const std::map<std::string, at::Tensor> trained = train(1, 1);
  EXPECT_TRUE(AreEqual(train(1, 1), trained));
  EXPECT_FALSE(AreEqual(train(2, 1), trained));
  EXPECT_FALSE(AreEqual(train(1, 2), trained));
}

TEST(TrainingTest, ALossThatIsNoNumberIsAnErrorAndChangesNoWeight) {
  const Task task = Images(20, "");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  {
    const at::NoGradGuard no_grad;
    store.tensors().at("linear.bias")[0].fill_(std::numeric_limits<float>::infinity());
  }
  const std::map<std::string, at::Tensor> before = Copy(store);
  const absl::Status status = TrainAll(network, store, task, Settings(5, "batch = 10"));
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(status.message(),
            "the loss is no longer a finite number: a lower learning_rate may help");
  for (const ProgramParam& param : network.program().params) {
    if (param.role != ir::Param::Role::kWeight) continue;
    EXPECT_TRUE(store.tensors().at(param.name).equal(before.at(param.name))) << param.name;
  }
}

TEST(TrainingTest, ABatchThatThePartCannotFillIsAnError) {
  const Task task = Images(20, "");
  ParameterStore store(at::kFloat, 1);
  const absl::Status status = TrainAll(SmallNetwork(store), store, task, Settings(5, "batch = 21"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

// What LibTorch throws comes out as an error.
TEST(TrainingTest, ImagesThatDoNotFitAreAnError) {
  const Task task = Images(20, "pad = 2");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  const absl::Status trained = TrainAll(network, store, task, Settings(1, "batch = 10"));
  EXPECT_EQ(trained.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(trained.message().substr(0, 10), "training: ");
  EXPECT_EQ(trained.message().find("frame #"), absl::string_view::npos) << trained;
  EXPECT_EQ(Evaluate(network, {}, task, Part::kTest, store.dtype()).status().code(),
            absl::StatusCode::kInternal);
}

// Of a training with all that it can do, on the half of 40 images that is not for validation.
TrainSettings FullSettings(const std::string& options) {
  TrainSettings settings = Settings(8, "");
  settings.sgd = ReadSettings(FinalOptionSpecs(), options);
  settings.part = Part::kSearch;
  settings.cutout = 8;
  settings.soft_targets = {0.1, 0.2};
  settings.average = 0.9;
  settings.keeps_best = true;
  return settings;
}

// The scores at the ends of epochs.
std::vector<Score> TrainUntil(int64_t steps, Training& training, const Network& network) {
  std::vector<Score> scores;
  while (training.done() < steps) {
    EXPECT_TRUE(training.Step().ok());
    if (!training.at_end_of_epoch()) continue;
    const absl::StatusOr<Score> score = training.Validate(network);
    EXPECT_TRUE(score.ok()) << score.status();
    scores.push_back(*score);
  }
  return scores;
}

TEST(TrainingTest, GoesOnWithTheSameBits) {
  const Task task = Images(40, "");
  for (const std::string options : {"batch = 6 nesterov = on", "batch = 6 optimizer = \"rmsprop\"",
                                    "batch = 6 learning_rate = warm_restarts(0.05, 0, 1, 1)"}) {
    SCOPED_TRACE(options);
    const TrainSettings settings = FullSettings(options);
    ParameterStore whole(at::kFloat, 1);
    const Network network = SmallNetwork(whole);
    absl::StatusOr<Training> straight = Training::Create(network, whole, task, settings);
    ASSERT_TRUE(straight.ok()) << straight.status();
    TrainUntil(8, *straight, network);
    ASSERT_TRUE(straight->Keep().ok());
    for (const int64_t stop : {0, 2, 3, 8}) {
      SCOPED_TRACE(stop);
      ParameterStore first_store(at::kFloat, 1);
      const Network first = SmallNetwork(first_store);
      absl::StatusOr<Training> stopped = Training::Create(first, first_store, task, settings);
      TrainUntil(stop, *stopped, first);
      const absl::StatusOr<NamedTensors> saved = stopped->Save();
      ASSERT_TRUE(saved.ok()) << saved.status();
      ParameterStore second_store(at::kFloat, 2);
      const Network second = SmallNetwork(second_store);
      absl::StatusOr<Training> resumed = Training::Create(second, second_store, task, settings);
      ASSERT_TRUE(resumed->Restore(*saved).ok());
      EXPECT_EQ(resumed->done(), stop);
      TrainUntil(8, *resumed, second);
      ASSERT_TRUE(resumed->Keep().ok());
      EXPECT_TRUE(AreEqual(Copy(second_store), Copy(whole)));
    }
  }
}

TEST(TrainingTest, WhatWasSavedOfAnotherIsAnError) {
  const Task task = Images(40, "");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  absl::StatusOr<Training> training =
      Training::Create(network, store, task, FullSettings("batch = 6"));
  absl::StatusOr<NamedTensors> saved = training->Save();
  ASSERT_TRUE(saved.ok());
  saved->erase("average/updates");
  EXPECT_EQ(training->Restore(*saved).code(), absl::StatusCode::kDataLoss);
}

// How many of the images for validation have each label.
std::vector<int64_t> ValidationLabels(const Task& task) {
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kValidation, 20);
  EXPECT_TRUE(loader.ok()) << loader.status();
  std::vector<int64_t> counts(10);
  for (const int64_t label : loader->Next().labels) ++counts[label];
  return counts;
}

// Networks that always tell one label, in three epochs that change no weight: the most frequent one
// in the second.
TEST(TrainingTest, KeepsTheWeightsOfTheBestEpoch) {
  const Task task = Images(40, "");
  TrainSettings settings = FullSettings("batch = 10 learning_rate = 0");
  settings.steps = 6;
  settings.average = 0;
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  absl::StatusOr<Training> training = Training::Create(network, store, task, settings);
  ASSERT_TRUE(training.ok()) << training.status();
  const std::vector<int64_t> counts = ValidationLabels(task);
  const auto rare = std::min_element(counts.begin(), counts.end()) - counts.begin();
  const auto frequent = std::max_element(counts.begin(), counts.end()) - counts.begin();
  ASSERT_LT(counts[rare], counts[frequent]);
  std::map<std::string, at::Tensor> best;
  const std::vector<std::pair<int64_t, int64_t>> epochs = {{2, rare}, {4, frequent}, {6, rare}};
  for (const auto& [steps, label] : epochs) {
    {
      const at::NoGradGuard no_grad;
      const at::Tensor& bias = store.tensors().at("linear.bias");
      bias.zero_();
      bias[label] = 1000;
    }
    const Score score = TrainUntil(steps, *training, network).front();
    EXPECT_DOUBLE_EQ(score.quality, static_cast<double>(counts[label]) / 20);
    if (label == frequent) best = Copy(store);
  }
  ASSERT_TRUE(training->Keep().ok());
  EXPECT_TRUE(AreEqual(Copy(store), best));
}

TEST(TrainingTest, KeepsTheAverage) {
  const Task task = Images(40, "");
  TrainSettings settings = FullSettings("batch = 6");
  ParameterStore store(at::kFloat, 1);
  const Network network = SmallNetwork(store);
  WeightAverage average(store, settings.average);
  absl::StatusOr<Training> training = Training::Create(network, store, task, settings);
  ASSERT_TRUE(training.ok()) << training.status();
  while (!training->ended()) {
    ASSERT_TRUE(training->Step().ok());
    average.Update();
  }
  const std::map<std::string, at::Tensor> last = Copy(store);
  ASSERT_TRUE(training->Keep().ok());
  EXPECT_FALSE(AreEqual(Copy(store), last));
  const NamedTensors kept = SavedPart("averages", average.Save());
  EXPECT_TRUE(AreEqual(Copy(store), kept));
}

}  // namespace
}  // namespace nasc
