#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/versions/translation.h"
#include "runtime/saved_state.h"
#include "runtime/trainer.h"
#include "strategies/evaluate/scored_objective.h"
#include "strategies/migrate/carried.h"

namespace nasc {

// What a one-shot strategy searches with: a supernet whose candidates share one set of weights.
struct OneShotContext {
  const ir::Graph& supernet;
  ParameterStore& store;
  const Options& sgd;  // how weights are trained, of SgdOptionSpecs
  uint64_t seed;
  int64_t memory = 0;  // bytes, of a step: see NetworkOptions
  // For strategies that score architectures: on the validation part, by the search's objective.
  const Task* task = nullptr;
  ScoredObjective* objective = nullptr;
  double epochs = 1;  // of the search, for schedules

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

  // The architecture that the search ends with: that one, or the best of several by their scores
  // with the shared weights, which takes a while.
  virtual absl::StatusOr<Architecture> Choose() { return Derive(); }

  // The decisions' parameters by name, for the record.
  virtual NamedTensors State() const = 0;

  // All that the next step depends on beside the store's tensors and its arguments: parameters of
  // decisions, moments, generators. Copies, which later steps leave as they are.
  virtual NamedTensors Save() const = 0;
  // Goes on from there, in a strategy made from the same context and options. The store's tensors
  // are restored before, in place. DataLoss where the tensors are of something else.
  virtual absl::Status Restore(const NamedTensors& saved) = 0;

  // Takes over what a search on an earlier version of the space had learnt of the decisions that
  // are still there, and the momentum of weights; the weights themselves are in the store already.
  // Says what became of each decision.
  virtual absl::StatusOr<Carried> Adopt(const OneShotStrategy& before,
                                        const Translation& translation);

  // Whether there is an architecture that the decisions stand for before the search has ended.
  virtual bool derives_early() const { return true; }

  // Makes ready for DecisionGradient, before the search begins. Unimplemented where the loss is not
  // differentiable in the decisions' parameters; where it is, these are the tensors of State()
  // themselves. Other errors: what the gradient needs cannot be made of this space.
  virtual absl::Status PrepareDecisionGradient();
  // Sets the gradients of the loss of a batch in the decisions' parameters, the weights being what
  // they are, and returns the loss: a function of the parameters, the weights and the batch alone;
  // no path is dropped, and of features always the same. Changes running statistics and nothing
  // else. Only after PrepareDecisionGradient().
  virtual absl::StatusOr<double> DecisionGradient(const Batch& batch);
};

inline absl::StatusOr<Carried> OneShotStrategy::Adopt(const OneShotStrategy&, const Translation&) {
  return Carried{{"decision", "all", Fate::kLost, "the strategy begins anew"}};
}

inline absl::Status OneShotStrategy::PrepareDecisionGradient() {
  return absl::UnimplementedError("the loss is not differentiable in the decisions");
}

inline absl::StatusOr<double> OneShotStrategy::DecisionGradient(const Batch&) {
  return absl::UnimplementedError("the loss is not differentiable in the decisions");
}

}  // namespace nasc
