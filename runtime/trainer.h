#pragma once

#include <cstdint>
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
#include "runtime/weight_rates.h"

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

// Trains the weights of networks that share a store.
class WeightTrainer {
 public:
  // `sgd` holds the values of SgdOptionSpecs, or of FinalOptionSpecs, which name the optimizer. The
  // training is of so many epochs, for schedules. Networks must have made their weights before.
  // Weights of rate 0 stay as they are.
  WeightTrainer(ParameterStore& store, const Options& sgd, uint64_t seed, double epochs,
                const WeightRates& rates = {});

  // One step; `progress`, from 0 to 1, says how far the training is, for schedules. Error:
  // NotFinite(); the weights are then as before the step.
  absl::StatusOr<Score> Step(const Network& network, const Network::Logits& logits,
                             const Batch& batch, double progress);

  // Changes the weights by their gradients as a step would do; its momentum stays as it is.
  void Preview(double progress);
  double Rate(double progress) const { return learning_rate_.At(progress, epochs_); }
  // Those that are trained.
  const std::vector<at::Tensor>& weights() const { return weights_; }

  // The momentum of weights by name, of those that have one; and the way to begin with that of
  // another training. Of weights that are not trained here it is left out.
  NamedTensors Momenta() const;
  void SetMomenta(const NamedTensors& momenta);

  // What training goes on from beside the weights: see Optimizer::Save and Restore.
  NamedTensors Save() const;
  absl::Status Restore(const NamedTensors& saved);

 private:
  // Weights of the same rate.
  struct Group {
    double factor = 1;
    std::vector<std::string> names;
    std::unique_ptr<WeightOptimizer> optimizer;
  };

  std::vector<at::Tensor> weights_;
  std::vector<Group> groups_;
  Schedule learning_rate_;
  double epochs_;
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

}  // namespace nasc
