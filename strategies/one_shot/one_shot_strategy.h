#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "runtime/trainer.h"

namespace nasc {

// What a one-shot strategy searches with: a supernet whose candidates share one set of weights.
struct OneShotContext {
  const ir::Graph& supernet;
  ParameterStore& store;
  const Options& sgd;  // how weights are trained, of SgdOptionSpecs
  uint64_t seed;
  int64_t memory = 0;  // bytes, of a step: see NetworkOptions

  NetworkOptions network_options() const {
    NetworkOptions options;
    options.memory = memory;
    options.batch = sgd.Whole("batch");
    return options;
  }
};

// A strategy that trains a supernet and its decisions together and owns what stands for the
// decisions: logits, or a controller.
class OneShotStrategy {
 public:
  virtual ~OneShotStrategy() = default;

  // One search step; `progress` goes from 0 to 1. The score is that of the training batch.
  virtual absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                                     double progress) = 0;

  // The architecture that the decisions stand for now.
  virtual Architecture Derive() const = 0;

  // The decisions' parameters by name, for the record.
  virtual std::map<std::string, at::Tensor> State() const = 0;
};

}  // namespace nasc
