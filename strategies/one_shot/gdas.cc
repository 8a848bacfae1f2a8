// GDAS: Dong and Yang, CVPR 2019, algorithm 1. Every pass runs one operation an edge, drawn by
// Gumbel-max; its gradient reaches the logits through the softmax of the same draw.

#include <memory>
#include <utility>
#include <vector>

#include "runtime/torch_status.h"
#include "strategies/one_shot/gumbel.h"
#include "strategies/one_shot/logit_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Gdas : public LogitStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    return std::make_unique<Gdas>(context, options, *std::move(networks));
  }

  Gdas(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : LogitStrategy(context, ChoicesOf(context.supernet.decisions), options, "gumbel noise"),
        networks_(std::move(networks)),
        cooling_{options.Real("temperature"), options.Real("last_temperature")} {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    const double temperature = cooling_.At(progress);
    const absl::Status status =
        CatchTorch("searching", [&] { return StepDecisions(validation, temperature, progress); });
    if (!status.ok()) return status;
    const GumbelDraw draw =
        DrawGumbel(context_.supernet.decisions, logits_.values(), temperature, rng_);
    return networks_.Train(draw.taken, draw.logits, training, progress, weights_);
  }

 private:
  absl::Status StepDecisions(const Batch& validation, double temperature, double progress) {
    const GumbelDraw draw =
        DrawGumbel(context_.supernet.decisions, logits_.values(), temperature, rng_);
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

  SampledNetworks networks_;
  Cooling cooling_;
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
