#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "runtime/batch.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "runtime/saved_state.h"
#include "runtime/task.h"
#include "runtime/training_options.h"

namespace nasc {

// What a step or an evaluation saw.
struct Score {
  // Of a step, what was minimised. Of an evaluation, without the auxiliary head; of a regression,
  // the mean squared error in the units of the targets, the mean over several.
  double loss = 0;
  bool regression = false;
  double quality = 0;  // more is better: the accuracy, 0 to 1, or of a regression R2

  const char* measure() const { return regression ? "r2" : "accuracy"; }
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

  // Changes the weights by their gradients as a step would do; its momentum stays as it is.
  void Preview(double progress) { optimizer_->Preview(learning_rate_.At(progress)); }
  double Rate(double progress) const { return learning_rate_.At(progress); }
  const std::vector<at::Tensor>& weights() const { return weights_; }

  // What training goes on from beside the weights: see Optimizer::Save and Restore.
  NamedTensors Save() const;
  absl::Status Restore(const NamedTensors& saved);

 private:
  std::vector<at::Tensor> weights_;
  std::unique_ptr<Sgd> optimizer_;
  Schedule learning_rate_;
  double clip_;
  Rng rng_;
};

// The score over a part of the data. Batches, of which statistics in training mode are, are of like
// sizes. Error: NotFinite().
absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Task& task, Task::Part part, at::ScalarType dtype,
                               const ForwardMode& mode = {});

// The score of one batch; of a regression the error is that of the standardised targets. Error:
// NotFinite().
absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Batch& batch, const ForwardMode& mode);

// The accuracy of a batch's logits.
double Accuracy(const at::Tensor& logits, const at::Tensor& labels);

// The part of the targets' variance that was told: 1 - sum (t - y)^2 / sum (t - mean t)^2, the mean
// over several outputs; 1 at best, 0 for telling the mean. An output whose targets are all the same
// counts as 0. Both are [batch, outputs].
double R2(const at::Tensor& told, const at::Tensor& targets);

// How a fixed network is trained.
struct TrainSettings {
  Options sgd;  // of SgdOptionSpecs
  Task::Part part = Task::Part::kTrain;
  int64_t steps = 0;
  int cutout = 0;
  uint64_t seed = 0;
  int64_t memory = 0;  // bytes: see NetworkOptions
};

// Called after every step with the number of steps done. An error ends the training with it.
using StepCallback = std::function<absl::Status(int64_t done, const Score&)>;

// Trains a network from its beginning.
absl::Status Train(const Network& network, ParameterStore& store, const Task& task,
                   const TrainSettings& settings, const StepCallback& after_step);

}  // namespace nasc
