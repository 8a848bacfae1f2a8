// ProxylessNAS: Cai, Zhu and Han, ICLR 2019. Weights are trained one path at a time; the logits are
// moved by the gradients of two paths an edge.

#include <memory>
#include <utility>
#include <vector>

#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/torch_status.h"
#include "strategies/one_shot/binary_gates.h"
#include "strategies/one_shot/gumbel.h"
#include "strategies/one_shot/logit_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Proxyless : public LogitStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    auto made = std::make_unique<Proxyless>(context, options, *std::move(networks));
    // Whether the space can be mixed is known before the search.
    Rng rng(0);
    const absl::Status status =
        made->TwoPaths(BinaryGates(context.supernet.decisions, made->logits_.values(), rng))
            .status();
    if (!status.ok()) return status;
    return made;
  }

  Proxyless(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : LogitStrategy(context, ChoicesOf(context.supernet.decisions), options, "binary gates"),
        networks_(std::move(networks)),
        warm_up_(options.Real("warm_up")) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    if (progress >= warm_up_) {
      const absl::Status status =
          CatchTorch("searching", [&] { return StepDecisions(validation, progress); });
      if (!status.ok()) return status;
    }
    // At temperature 1 the path that it takes is drawn by the softmax.
    const GumbelDraw draw =
        DrawGumbel(context_.supernet.decisions, logits_.values(), /*temperature=*/1, rng_);
    return networks_.Train(draw.taken, draw.logits, training, progress, weights_);
  }

 private:
  absl::StatusOr<Network> TwoPaths(const BinaryGates& gates) {
    const absl::StatusOr<ir::Graph> graph = RelaxToPaths(context_.supernet, gates.paths());
    if (!graph.ok()) return graph.status();
    absl::StatusOr<Program> program = BuildProgram(*graph);
    if (!program.ok()) return program.status();
    return Network::Create(*std::move(program), context_.store, context_.network_options());
  }

  absl::Status StepDecisions(const Batch& validation, double progress) {
    const BinaryGates gates(context_.supernet.decisions, logits_.values(), rng_);
    const absl::StatusOr<Network> network = TwoPaths(gates);
    if (!network.ok()) return network.status();
    const absl::StatusOr<double> loss = pass_.Run(*network, gates.gates(), validation, progress,
                                                  {/*weights=*/false, /*decisions=*/true});
    if (!loss.ok()) return loss.status();
    gates.PassGradients(logits_.values());
    logits_.Step(progress);
    gates.Rescale(logits_.values());
    return absl::OkStatus();
  }

  SampledNetworks networks_;
  double warm_up_;
};

// Those of the authors' code.
std::vector<OptionSpec> ProxylessOptionSpecs() {
  LogitDefaults defaults;
  defaults.learning_rate = 1e-3;
  defaults.weight_decay = 0;
  defaults.beta1 = 0;
  std::vector<OptionSpec> specs = LogitOptionSpecs(defaults);
  specs.push_back({"warm_up", OptionSpec::Kind::kReal, 0, 0, 1, "",
                   "the part of the search in which the logits stay as they are"});
  return specs;
}

const StrategyRegistration registration(
    OneShotStrategyInfo("proxyless", "two paths a decision by binary gates (Cai et al., ICLR 2019)",
                        ProxylessOptionSpecs(), Proxyless::Make));

}  // namespace
}  // namespace nasc
