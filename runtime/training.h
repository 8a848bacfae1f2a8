#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/saved_state.h"
#include "runtime/soft_targets.h"
#include "runtime/task.h"
#include "runtime/trainer.h"
#include "runtime/weight_average.h"
#include "runtime/weight_rates.h"

namespace nasc {

// How a fixed network is trained.
struct TrainSettings {
  Options sgd;  // of SgdOptionSpecs, or of FinalOptionSpecs
  Task::Part part = Task::Part::kTrain;
  int64_t steps = 0;
  int cutout = 0;
  uint64_t seed = 0;
  int64_t memory = 0;  // bytes: see NetworkOptions
  SoftTargetOptions soft_targets;
  double average = 0;  // the decay of the average of the weights that is kept; 0: none
  WeightRates rates;
  bool keeps_best = false;  // the weights of the epoch that Validate likes best are kept
};

// A training of a fixed network, with all that changes in its course.
class Training {
 public:
  // All of these must outlive it; the network must have made its weights in the store. Errors:
  // those of Task::Training; soft targets for a regression.
  static absl::StatusOr<Training> Create(const Network& network, ParameterStore& store,
                                         const Task& task, const TrainSettings& settings);

  int64_t done() const { return done_; }
  bool ended() const { return done_ >= settings_.steps; }
  // Whether the last step ended a pass over the examples, or the training.
  bool at_end_of_epoch() const;

  // One step: the loss of what was minimised, and of a mixed batch the accuracy of the greater
  // parts. Error: NotFinite().
  absl::StatusOr<Score> Step();

  // The score, over the validation part, of the weights that would be kept now; `inference` is of
  // the same store. They are kept for good where no score before was as high.
  absl::StatusOr<Score> Validate(const Network& inference);

  // Puts what is kept into the store: the best weights so far, or the average, or the last.
  absl::Status Keep();

  // See WeightTrainer.
  NamedTensors Momenta() const { return trainer_.Momenta(); }
  void SetMomenta(const NamedTensors& momenta) { trainer_.SetMomenta(momenta); }

  // All that the rest of the training depends on, as copies.
  absl::StatusOr<NamedTensors> Save() const;
  // Goes on from there, in a training made alike. DataLoss where that was saved of another.
  absl::Status Restore(const NamedTensors& saved);

 private:
  Training(const Network& network, ParameterStore& store, const Task& task,
           const TrainSettings& settings, Loader loader);

  absl::Status RestoreParts(const NamedTensors& saved);

  const Network* network_;
  ParameterStore* store_;
  const Task* task_;
  TrainSettings settings_;
  Loader loader_;
  WeightTrainer trainer_;
  std::unique_ptr<WeightAverage> average_;
  int64_t done_ = 0;
  struct Best {
    Score score;
    NamedTensors tensors;
  };
  std::optional<Best> best_;
};

}  // namespace nasc
