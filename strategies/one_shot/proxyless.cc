// ProxylessNAS: Cai, Zhu and Han, ICLR 2019. Weights are trained one path at a time; the logits are
// moved by the gradients of two paths an edge.

#include <memory>
#include <utility>
#include <vector>

#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/saved_state.h"
#include "runtime/torch_status.h"
#include "strategies/one_shot/binary_gates.h"
#include "strategies/one_shot/decision_logits.h"
#include "strategies/one_shot/gumbel.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Proxyless : public OneShotStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    auto made = std::make_unique<Proxyless>(context, options, *std::move(networks));
    // Whether the space can be mixed is known before the search.
    Rng rng(0);
    const absl::Status status =
        made->TwoPaths(BinaryGates(made->decisions_, made->logits_.values(), rng)).status();
    if (!status.ok()) return status;
    return made;
  }

  Proxyless(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : supernet_(context.supernet),
        store_(context.store),
        network_options_(context.network_options()),
        decisions_(context.supernet.decisions),
        networks_(std::move(networks)),
        weights_(context.store, context.sgd, context.seed),
        logits_(context, ChoicesOf(decisions_), options),
        pass_(context.seed),
        warm_up_(options.Real("warm_up")),
        rng_(HashSeed(context.seed, "binary gates")) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    if (progress >= warm_up_) {
      const absl::Status status =
          CatchTorch("searching", [&] { return StepDecisions(validation, progress); });
      if (!status.ok()) return status;
    }
    // At temperature 1 the path that it takes is drawn by the softmax.
    const GumbelDraw draw = DrawGumbel(decisions_, logits_.values(), /*temperature=*/1, rng_);
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
  absl::StatusOr<Network> TwoPaths(const BinaryGates& gates) {
    const absl::StatusOr<ir::Graph> graph = RelaxToPaths(supernet_, gates.paths());
    if (!graph.ok()) return graph.status();
    absl::StatusOr<Program> program = BuildProgram(*graph);
    if (!program.ok()) return program.status();
    return Network::Create(*std::move(program), store_, network_options_);
  }

  absl::Status StepDecisions(const Batch& validation, double progress) {
    const BinaryGates gates(decisions_, logits_.values(), rng_);
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

  const ir::Graph& supernet_;
  ParameterStore& store_;
  NetworkOptions network_options_;
  const std::vector<ir::Decision> decisions_;
  SampledNetworks networks_;
  WeightTrainer weights_;
  DecisionLogits logits_;
  GradientPass pass_;
  double warm_up_;
  Rng rng_;
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
