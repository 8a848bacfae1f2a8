#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "runtime/task.h"
#include "runtime/training_options.h"

namespace nasc {

// A batch as tensors: images [batch, channels, height, width] in channels-last order, labels
// [batch].
struct Batch {
  at::Tensor images;
  at::Tensor labels;
};
Batch NextBatch(Loader& loader, at::ScalarType dtype);

// What a step or an evaluation saw.
struct Score {
  double loss = 0;
  double accuracy = 0;  // of the images, 0 to 1
};

// What a training or an evaluation whose loss is not a finite number ends with.
absl::Status NotFinite();

// Trains the weights of networks that share a store, by SGD with momentum.
class WeightTrainer {
 public:
  // `sgd` holds the values of SgdOptionSpecs. Networks must have made their weights before.
  WeightTrainer(ParameterStore& store, const Options& sgd, uint64_t seed);

  // One step; `progress`, from 0 to 1, says how far the training is, for schedules. Error:
  // NotFinite(); the weights are then as before the step.
  absl::StatusOr<Score> Step(const Network& network, const Network::Logits& logits,
                             const Batch& batch, double progress);

 private:
  std::vector<at::Tensor> weights_;
  std::unique_ptr<Optimizer> optimizer_;
  Schedule learning_rate_;
  double clip_;
  Rng rng_;
};

// Loss and accuracy over a part of the data, in evaluation mode. Error: NotFinite().
absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Task& task, Task::Part part, at::ScalarType dtype);

// The accuracy of a batch's logits.
double Accuracy(const at::Tensor& logits, const at::Tensor& labels);

// How a fixed network is trained.
struct TrainSettings {
  Options sgd;  // of SgdOptionSpecs
  Task::Part part = Task::Part::kTrain;
  int64_t steps = 0;
  int cutout = 0;
  uint64_t seed = 0;
};

// Called after every step with the number of steps done. An error ends the training with it.
using StepCallback = std::function<absl::Status(int64_t done, const Score&)>;

// Trains a network from its beginning.
absl::Status Train(const Network& network, ParameterStore& store, const Task& task,
                   const TrainSettings& settings, const StepCallback& after_step);

}  // namespace nasc
