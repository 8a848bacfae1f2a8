#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/random/random.h"
#include "runtime/saved_state.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// How Adam moves logits, as a paper says it.
struct LogitDefaults {
  double learning_rate = 3e-4;
  double weight_decay = 1e-3;
  double beta1 = 0.5;
  double beta2 = 0.999;
};
std::vector<OptionSpec> LogitOptionSpecs(const LogitDefaults& defaults);

// What stands for the decisions of a supernet: a vector of logits each, moved by Adam. They start
// near zero, as in the code of DARTS: every option has almost the same weight.
class DecisionLogits {
 public:
  // `options` has those of LogitOptionSpecs. Decisions of the supernet that are not among
  // `decisions` have no logits.
  DecisionLogits(const OneShotContext& context, const std::vector<ProgramDecision>& decisions,
                 const Options& options);

  const Network::Logits& values() const { return values_; }

  // Gradients are those that `grad()` of the logits holds.
  void ZeroGrad() { optimizer_->ZeroGrad(); }
  void Step(double progress) { optimizer_->Step(learning_rate_.At(progress, epochs_)); }

  // The logits and the state of Adam: see Optimizer::Save and Restore.
  NamedTensors Save() const;
  absl::Status Restore(const NamedTensors& saved);

  // Takes over the logits of options that an earlier version of the space had; an option that is
  // new begins with the mean of those of its decision. Adam begins anew.
  Carried Adopt(const DecisionLogits& before, const SpaceMap& map);

  // DeriveStrongest by weights [options] that are a function of the logits [options], both float64.
  using WeightsOf = std::function<at::Tensor(const at::Tensor& logits)>;
  Architecture Derive(const WeightsOf& weights_of = SoftmaxOf) const;

  static at::Tensor SoftmaxOf(const at::Tensor& logits);

 private:
  std::vector<ir::Decision> decisions_;
  Network::Logits values_;
  Schedule learning_rate_;
  double epochs_;
  std::unique_ptr<Optimizer> optimizer_;
};

// The decisions of one of several options, as a program has them: those that a sample may ask for.
std::vector<ProgramDecision> ChoicesOf(const std::vector<ir::Decision>& decisions);

// Computes gradients for strategies, in training mode; drop path draws from a generator of its own.
class GradientPass {
 public:
  explicit GradientPass(uint64_t seed) : rng_(HashSeed(seed, "drop path of decisions")) {}

  // Sets gradients as Network::Step does, and returns the loss. Error: NotFinite(). Throws what
  // LibTorch throws.
  absl::StatusOr<double> Run(const Network& network, const Network::Logits& logits,
                             const Batch& batch, double progress, const StepGoal& goal);

  NamedTensors Save() const { return {{"rng", SaveRng(rng_)}}; }
  absl::Status Restore(const NamedTensors& saved) { return RestoreRng(saved, "rng", rng_); }

 private:
  Rng rng_;
};

}  // namespace nasc
