// DrNAS: Chen, Wang, Cheng, Tang and Hsieh, ICLR 2021, algorithm 1 without its second stage. The
// weights of a mixture are drawn from Dirichlet distributions, whose concentrations are searched.

#include <ATen/ops/elu.h>

#include <memory>
#include <utility>
#include <vector>

#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/network.h"
#include "runtime/saved_state.h"
#include "runtime/torch_status.h"
#include "strategies/one_shot/decision_logits.h"
#include "strategies/one_shot/dirichlet.h"
#include "strategies/one_shot/mixture_options.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

// Section 4.1; `logits` are float64.
at::Tensor ConcentrationOf(const at::Tensor& logits) { return at::elu(logits).add(1); }

class DrNas : public OneShotStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<ir::Graph> mixture =
        RelaxToMixture(context.supernet, ReadMixtureOptions(options));
    if (!mixture.ok()) return mixture.status();
    absl::StatusOr<Program> program = BuildProgram(*mixture);
    if (!program.ok()) return program.status();
    absl::StatusOr<Network> network =
        Network::Create(*std::move(program), context.store, context.network_options());
    if (!network.ok()) return network.status();
    return std::make_unique<DrNas>(context, options, *std::move(network));
  }

  DrNas(const OneShotContext& context, const Options& options, Network network)
      : network_(std::move(network)),
        weights_(context.store, context.sgd, context.seed),
        logits_(context, network_.program().decisions, options),
        pass_(context.seed),
        anchor_(options.Real("anchor")),
        rng_(HashSeed(context.seed, "dirichlet draws")) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    const absl::Status status =
        CatchTorch("searching", [&] { return StepDecisions(validation, progress); });
    if (!status.ok()) return status;
    return weights_.Step(network_, Draw(), training, progress);
  }

  // By the means of the distributions.
  Architecture Derive() const override {
    return logits_.Derive([](const at::Tensor& logits) {
      const at::Tensor concentration = ConcentrationOf(logits);
      return concentration.div(concentration.sum());
    });
  }

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
  // Logits of which the mixture's softmax makes the draw itself.
  Network::Logits Draw() {
    Network::Logits draw;
    for (const auto& [path, logits] : logits_.values()) {
      draw[path] =
          DrawLogDirichlet(ConcentrationOf(logits.to(at::kDouble)), rng_).to(logits.scalar_type());
    }
    return draw;
  }

  absl::Status StepDecisions(const Batch& validation, double progress) {
    const Network::Logits draw = Draw();
    const absl::StatusOr<double> loss =
        pass_.Run(network_, draw, validation, progress, {/*weights=*/false, /*decisions=*/true});
    if (!loss.ok()) return loss.status();
    for (const auto& [path, logits] : logits_.values()) {
      const at::Tensor own = logits.to(at::kDouble);
      const at::Tensor concentration = ConcentrationOf(own);
      const at::Tensor& drawn = draw.at(path);
      at::Tensor gradient =
          DirichletGradient(drawn.to(at::kDouble), concentration, drawn.grad().to(at::kDouble));
      if (anchor_ > 0) gradient = gradient.add(DivergenceGradient(concentration), anchor_);
      // The slope of elu(x) + 1 is that value itself below zero, and 1 above.
      logits.mutable_grad() = gradient.mul(concentration.clamp_max(1)).to(logits.scalar_type());
    }
    logits_.Step(progress);
    return absl::OkStatus();
  }

  Network network_;
  WeightTrainer weights_;
  DecisionLogits logits_;
  GradientPass pass_;
  double anchor_;
  Rng rng_;
};

// Those of the authors' code.
std::vector<OptionSpec> DrNasOptionSpecs() {
  LogitDefaults defaults;
  defaults.learning_rate = 6e-4;
  std::vector<OptionSpec> specs = LogitOptionSpecs(defaults);
  specs.push_back({"anchor", OptionSpec::Kind::kReal, 0, 0, 1e6, "",
                   "weight of the divergence from the uniform distribution, added to the loss"});
  for (OptionSpec& spec : MixtureOptionSpecs({})) specs.push_back(std::move(spec));
  return specs;
}

const StrategyRegistration registration(OneShotStrategyInfo(
    "drnas", "mixtures drawn from Dirichlet distributions (Chen et al., ICLR 2021)",
    DrNasOptionSpecs(), DrNas::Make));

}  // namespace
}  // namespace nasc
