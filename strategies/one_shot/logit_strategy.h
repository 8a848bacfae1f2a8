#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/network.h"
#include "runtime/random/random.h"
#include "strategies/one_shot/decision_logits.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// What strategies share whose decisions are vectors of logits that gradients move: how the search's
// state is kept, and the curvature of the loss in the logits, which is that of the mixture of all
// options (Zela et al., ICLR 2020, section 4), also where the search itself runs samples.
class LogitStrategy : public OneShotStrategy {
 public:
  Architecture Derive() const override { return logits_.Derive(); }
  NamedTensors State() const override { return logits_.values(); }
  NamedTensors Save() const override;
  absl::Status Restore(const NamedTensors& saved) override;
  absl::StatusOr<Carried> Adopt(const OneShotStrategy& before,
                                const Translation& translation) override;
  absl::Status PrepareDecisionGradient() override;
  absl::StatusOr<double> DecisionGradient(const Batch& batch) override;

 protected:
  // The decisions that have logits are `decisions`. `draws` names what the strategy draws.
  LogitStrategy(const OneShotContext& context, const std::vector<ProgramDecision>& decisions,
                const Options& options, const std::string& draws);

  // The logits of which the mixture is what the decisions stand for: their own.
  virtual Network::Logits MixtureLogits() const { return logits_.values(); }
  // Gives the decisions' logits the gradients of the mixture's.
  virtual void PassMixtureGradients(const Network::Logits&) const {}

  const OneShotContext context_;
  std::optional<Network> mixture_;  // where there is one
  WeightTrainer weights_;
  DecisionLogits logits_;
  GradientPass pass_;
  Rng rng_;
};

}  // namespace nasc
