// GDAS: Dong and Yang, CVPR 2019, algorithm 1. Every pass runs one operation an edge, drawn by
// Gumbel-max; its gradient reaches the logits through the softmax of the same draw.

#include <memory>
#include <utility>
#include <vector>

#include "runtime/torch_status.h"
#include "strategies/one_shot/decision_logits.h"
#include "strategies/one_shot/gumbel.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Gdas : public OneShotStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    return std::make_unique<Gdas>(context, options, *std::move(networks));
  }

  Gdas(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : decisions_(context.supernet.decisions),
        networks_(std::move(networks)),
        weights_(context.store, context.sgd, context.seed),
        logits_(context, ChoicesOf(decisions_), options),
        pass_(context.seed),
        cooling_{options.Real("temperature"), options.Real("last_temperature")},
        rng_(HashSeed(context.seed, "gumbel noise")) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    const double temperature = cooling_.At(progress);
    const absl::Status status =
        CatchTorch("searching", [&] { return StepDecisions(validation, temperature, progress); });
    if (!status.ok()) return status;
    const GumbelDraw draw = DrawGumbel(decisions_, logits_.values(), temperature, rng_);
    return networks_.Train(draw.taken, draw.logits, training, progress, weights_);
  }

  Architecture Derive() const override { return logits_.Derive(); }

  NamedTensors State() const override { return logits_.values(); }

  NamedTensors Save() const override {
    NamedTensors saved;
    AddPart("weights", weights_.Save(), saved);
    AddPart("logits", logits_.Save(), saved);
    AddPart("pass", pass_.Save(), saved);
    saved["rng"] = SaveRng(rng_);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    absl::Status status = weights_.Restore(SavedPart("weights", saved));
    if (status.ok()) status = logits_.Restore(SavedPart("logits", saved));
    if (status.ok()) status = pass_.Restore(SavedPart("pass", saved));
    return status.ok() ? RestoreRng(saved, "rng", rng_) : status;
  }

 private:
  absl::Status StepDecisions(const Batch& validation, double temperature, double progress) {
    const GumbelDraw draw = DrawGumbel(decisions_, logits_.values(), temperature, rng_);
    const absl::StatusOr<const Network*> network = networks_.Of(draw.taken);
    if (!network.ok()) return network.status();
    const absl::Status status = pass_
                                    .Run(**network, draw.logits, validation, progress,
                                         {/*weights=*/false, /*decisions=*/true})
                                    .status();
    if (!status.ok()) return status;
    PassGradients(draw, temperature, logits_.values());
    logits_.Step(progress);
    return absl::OkStatus();
  }

  const std::vector<ir::Decision> decisions_;
  SampledNetworks networks_;
  WeightTrainer weights_;
  DecisionLogits logits_;
  GradientPass pass_;
  Cooling cooling_;
  Rng rng_;
};

std::vector<OptionSpec> GdasOptionSpecs() {
  std::vector<OptionSpec> specs = LogitOptionSpecs({});
  specs.push_back({"temperature", OptionSpec::Kind::kReal, 10, 1e-3, 1e6, "",
                   "of the softmax at the beginning; from there it falls linearly"});
  specs.push_back({"last_temperature", OptionSpec::Kind::kReal, 0.1, 1e-3, 1e6, "",
                   "of the softmax at the end"});
  return specs;
}

const StrategyRegistration registration(OneShotStrategyInfo(
    "gdas", "one operation an edge by Gumbel-softmax (Dong and Yang, CVPR 2019)", GdasOptionSpecs(),
    Gdas::Make));

}  // namespace
}  // namespace nasc
