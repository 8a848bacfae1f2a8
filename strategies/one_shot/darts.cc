// DARTS: Liu, Simonyan and Yang, ICLR 2019, algorithm 1. First order: with xi = 0; second order: xi
// is the learning rate of the weights. PC-DARTS (Xu et al., ICLR 2020) is the same on a part of the
// channels, with weights of edges, once the weights have had a start.

#include <memory>
#include <utility>
#include <vector>

#include "runtime/torch_status.h"
#include "runtime/unrolled_step.h"
#include "strategies/one_shot/logit_strategy.h"
#include "strategies/one_shot/mixture.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Darts : public LogitStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    absl::StatusOr<Network> mixture = MakeMixture(context, options.Truth(kEdgeNormalization));
    if (!mixture.ok()) return mixture.status();
    return std::make_unique<Darts>(context, options, *std::move(mixture));
  }

  Darts(const OneShotContext& context, const Options& options, Network mixture)
      : LogitStrategy(context, mixture.program().decisions, options, "darts"),
        second_order_(options.Whole("order") == 2),
        warm_up_(options.Real("warm_up")) {
    mixture_ = std::move(mixture);
  }

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    if (progress >= warm_up_) {
      const absl::Status status =
          CatchTorch("searching", [&] { return StepDecisions(training, validation, progress); });
      if (!status.ok()) return status;
    }
    return weights_.Step(*mixture_, logits_.values(), training, progress);
  }

 private:
  // Descends the loss of the validation batch along the decisions. Gradients of weights are
  // computed only where the second order needs them.
  absl::Status StepDecisions(const Batch& training, const Batch& validation, double progress) {
    constexpr StepGoal kWeights = {/*weights=*/true, /*decisions=*/false};
    constexpr StepGoal kDecisions = {/*weights=*/false, /*decisions=*/true};
    logits_.ZeroGrad();
    absl::Status status;
    if (second_order_) {
      UnrolledStep step;
      step.weights = weights_.weights();
      for (const auto& [path, logits] : logits_.values()) step.logits.push_back(logits);
      step.rate = weights_.Rate(progress);
      step.training_by_weights = [&] { return SetGradients(training, progress, kWeights); };
      step.training_by_decisions = [&] { return SetGradients(training, progress, kDecisions); };
      step.validation_by_both = [&] {
        return SetGradients(validation, progress, {/*weights=*/true, /*decisions=*/true});
      };
      step.preview = [&] { weights_.Preview(progress); };
      status = SetUnrolledGradients(step);
    } else {
      status = SetGradients(validation, progress, kDecisions);
    }
    if (status.ok()) logits_.Step(progress);
    return status;
  }

  absl::Status SetGradients(const Batch& batch, double progress, const StepGoal& goal) {
    return pass_.Run(*mixture_, logits_.values(), batch, progress, goal).status();
  }

  bool second_order_;
  double warm_up_;
};

std::vector<OptionSpec> OptionsOf(bool edge_normalization, double learning_rate, double warm_up) {
  std::vector<OptionSpec> specs = {
      {"order", OptionSpec::Kind::kWhole, 1, 1, 2, "", "of the approximation of the gradient"},
      {"warm_up", OptionSpec::Kind::kReal, warm_up, 0, 1, "",
       "the part of the search in which the logits stay as they are"},
      EdgeNormalizationSpec(edge_normalization),
  };
  LogitDefaults logits;
  logits.learning_rate = learning_rate;
  for (OptionSpec& spec : LogitOptionSpecs(logits)) specs.push_back(std::move(spec));
  return specs;
}

const StrategyRegistration darts(OneShotStrategyInfo(
    "darts", "differentiable search (Liu, Simonyan and Yang, ICLR 2019)",
    OptionsOf(/*edge_normalization=*/false, /*learning_rate=*/3e-4, /*warm_up=*/0), Darts::Make));

// 15 of the paper's 50 epochs.
const StrategyRegistration pc_darts(OneShotStrategyInfo(
    "pc_darts", "the same on a part of the channels (Xu et al., ICLR 2020)",
    OptionsOf(/*edge_normalization=*/true, /*learning_rate=*/6e-4, /*warm_up=*/0.3), Darts::Make,
    /*partial_channels=*/4));

}  // namespace
}  // namespace nasc
