// DrNAS: Chen, Wang, Cheng, Tang and Hsieh, ICLR 2021, algorithm 1 without its second stage. The
// weights of a mixture are drawn from Dirichlet distributions, whose concentrations are searched.

#include <ATen/ops/elu.h>

#include <memory>
#include <utility>
#include <vector>

#include "runtime/torch_status.h"
#include "strategies/one_shot/dirichlet.h"
#include "strategies/one_shot/logit_strategy.h"
#include "strategies/one_shot/mixture.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

// Section 4.1; `logits` are float64.
at::Tensor ConcentrationOf(const at::Tensor& logits) { return at::elu(logits).add(1); }

// That of elu(x) + 1 is that value itself below zero, and 1 above.
at::Tensor SlopeOf(const at::Tensor& concentration) { return concentration.clamp_max(1); }

class DrNas : public LogitStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<Network> mixture = MakeMixture(context, options.Truth(kEdgeNormalization));
    if (!mixture.ok()) return mixture.status();
    return std::make_unique<DrNas>(context, options, *std::move(mixture));
  }

  DrNas(const OneShotContext& context, const Options& options, Network mixture)
      : LogitStrategy(context, mixture.program().decisions, options, "dirichlet draws"),
        anchor_(options.Real("anchor")) {
    mixture_ = std::move(mixture);
  }

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    const absl::Status status =
        CatchTorch("searching", [&] { return StepDecisions(validation, progress); });
    if (!status.ok()) return status;
    return weights_.Step(*mixture_, Draw(), training, progress);
  }

  // By the means of the distributions.
  Architecture Derive() const override {
    return logits_.Derive([](const at::Tensor& logits) {
      const at::Tensor concentration = ConcentrationOf(logits);
      return concentration.div(concentration.sum());
    });
  }

 private:
  // Curvature is that at the means of the distributions, c / sum c: the softmax of log c.
  Network::Logits MixtureLogits() const override {
    Network::Logits means;
    for (const auto& [path, logits] : logits_.values()) {
      means[path] = ConcentrationOf(logits.to(at::kDouble)).log().to(logits.scalar_type());
    }
    return means;
  }

  void PassMixtureGradients(const Network::Logits& means) const override {
    for (const auto& [path, logits] : logits_.values()) {
      const at::Tensor& gradient = means.at(path).grad();
      if (!gradient.defined()) continue;
      const at::Tensor concentration = ConcentrationOf(logits.to(at::kDouble));
      logits.mutable_grad() = gradient.to(at::kDouble)
                                  .mul(SlopeOf(concentration))
                                  .div(concentration)
                                  .to(logits.scalar_type());
    }
  }

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
        pass_.Run(*mixture_, draw, validation, progress, {/*weights=*/false, /*decisions=*/true});
    if (!loss.ok()) return loss.status();
    for (const auto& [path, logits] : logits_.values()) {
      const at::Tensor own = logits.to(at::kDouble);
      const at::Tensor concentration = ConcentrationOf(own);
      const at::Tensor& drawn = draw.at(path);
      at::Tensor gradient =
          DirichletGradient(drawn.to(at::kDouble), concentration, drawn.grad().to(at::kDouble));
      if (anchor_ > 0) gradient = gradient.add(DivergenceGradient(concentration), anchor_);
      logits.mutable_grad() = gradient.mul(SlopeOf(concentration)).to(logits.scalar_type());
    }
    logits_.Step(progress);
    return absl::OkStatus();
  }

  double anchor_;
};

// Those of the authors' code.
std::vector<OptionSpec> DrNasOptionSpecs() {
  LogitDefaults defaults;
  defaults.learning_rate = 6e-4;
  std::vector<OptionSpec> specs = LogitOptionSpecs(defaults);
  specs.push_back({"anchor", OptionSpec::Kind::kReal, 0, 0, 1e6, "",
                   "weight of the divergence from the uniform distribution, added to the loss"});
  specs.push_back(EdgeNormalizationSpec(false));
  return specs;
}

const StrategyRegistration registration(OneShotStrategyInfo(
    "drnas", "mixtures drawn from Dirichlet distributions (Chen et al., ICLR 2021)",
    DrNasOptionSpecs(), DrNas::Make));

}  // namespace
}  // namespace nasc
