#pragma once

#include "absl/status/status.h"
#include "runtime/parameter_store.h"
#include "runtime/saved_state.h"

namespace nasc {

// The exponential moving average of the tensors of a store over the steps of a training, weights
// and running statistics alike (Polyak and Juditsky, 1992, with the decay of TensorFlow's
// ExponentialMovingAverage): after step t, from 0,
//   average <- d average + (1 - d) tensor   with d = min(decay, (1 + t) / (10 + t))
// so that a short training does not end with what it began with.
class WeightAverage {
 public:
  // Begins with the tensors as they are. The store must outlive it.
  WeightAverage(const ParameterStore& store, double decay);

  // After a step.
  void Update();

  // The store has the averages and this the tensors, until it is called again.
  void Exchange();

  NamedTensors Save() const;
  // DataLoss where that was saved of other tensors.
  absl::Status Restore(const NamedTensors& saved);

 private:
  const ParameterStore& store_;
  double decay_;
  int64_t updates_ = 0;
  NamedTensors averages_;
};

}  // namespace nasc
