#include "strategies/one_shot/logit_strategy.h"

#include <utility>

#include "runtime/saved_state.h"
#include "runtime/torch_status.h"
#include "strategies/one_shot/carry_momenta.h"
#include "strategies/one_shot/mixture.h"

namespace nasc {

LogitStrategy::LogitStrategy(const OneShotContext& context,
                             const std::vector<ProgramDecision>& decisions, const Options& options,
                             const std::string& draws)
    : context_(context),
      weights_(context.store, context.sgd, context.seed, context.epochs),
      logits_(context, decisions, options),
      pass_(context.seed),
      rng_(HashSeed(context.seed, draws)) {}

NamedTensors LogitStrategy::Save() const {
  NamedTensors saved;
  AddPart("weights", weights_.Save(), saved);
  AddPart("logits", logits_.Save(), saved);
  AddPart("pass", pass_.Save(), saved);
  saved["rng"] = SaveRng(rng_);
  return saved;
}

absl::Status LogitStrategy::Restore(const NamedTensors& saved) {
  absl::Status status = weights_.Restore(SavedPart("weights", saved));
  if (status.ok()) status = logits_.Restore(SavedPart("logits", saved));
  if (status.ok()) status = pass_.Restore(SavedPart("pass", saved));
  return status.ok() ? RestoreRng(saved, "rng", rng_) : status;
}

absl::StatusOr<Carried> LogitStrategy::Adopt(const OneShotStrategy& before,
                                             const Translation& translation) {
  const auto* other = dynamic_cast<const LogitStrategy*>(&before);
  if (other == nullptr) return OneShotStrategy::Adopt(before, translation);
  CarryMomenta(other->weights_, translation.renames(), context_.store, weights_);
  return logits_.Adopt(other->logits_, translation.map());
}

absl::Status LogitStrategy::PrepareDecisionGradient() {
  if (mixture_.has_value()) return absl::OkStatus();
  absl::StatusOr<Network> mixture = MakeMixture(context_);
  if (!mixture.ok()) return mixture.status();
  mixture_ = *std::move(mixture);
  return absl::OkStatus();
}

absl::StatusOr<double> LogitStrategy::DecisionGradient(const Batch& batch) {
  return CatchTorch("searching", [&] {
    const Network::Logits logits = MixtureLogits();
    absl::StatusOr<double> loss =
        GradientPass(/*seed=*/0)
            .Run(*mixture_, logits, batch, /*progress=*/0, {/*weights=*/false, /*decisions=*/true});
    if (loss.ok()) PassMixtureGradients(logits);
    return loss;
  });
}

}  // namespace nasc
