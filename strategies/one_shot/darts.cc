// DARTS: Liu, Simonyan and Yang, ICLR 2019, algorithm 1. First order: with xi = 0; second order: xi
// is the learning rate of the weights. PC-DARTS (Xu et al., ICLR 2020) is the same on a part of the
// channels, with weights of edges, once the weights have had a start.

#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/random/random.h"
#include "runtime/torch_status.h"
#include "runtime/unrolled_step.h"
#include "strategies/one_shot/derivation.h"
#include "strategies/one_shot/mixture_options.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

// Logits start near zero, as in the authors' code: every operation has almost the same weight.
constexpr double kInitialSpread = 1e-3;

class Darts : public OneShotStrategy {
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
    return std::make_unique<Darts>(context, options, *std::move(network));
  }

  Darts(const OneShotContext& context, const Options& options, Network network)
      : decisions_(context.supernet.decisions),
        store_(context.store),
        network_(std::move(network)),
        weights_(context.store, context.sgd, context.seed),
        second_order_(options.Whole("order") == 2),
        warm_up_(options.Real("warm_up")),
        learning_rate_(options.Rate("learning_rate")),
        rng_(HashSeed(context.seed, "drop path of decisions")) {
    std::vector<at::Tensor> tensors;
    for (const ProgramDecision& decision : network_.program().decisions) {
      Rng rng(HashSeed(context.seed, "logits." + decision.path));
      at::Tensor logits = at::empty({decision.options}, at::kDouble);
      for (int64_t i = 0; i < decision.options; ++i) {
        logits.data_ptr<double>()[i] = kInitialSpread * rng.Gaussian();
      }
      tensors.push_back(logits.to(store_.dtype()));
      logits_[decision.path] = tensors.back();
    }
    optimizer_ = MakeAdam(
        tensors, {options.Real("beta1"), options.Real("beta2"), options.Real("weight_decay")});
  }

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    if (progress >= warm_up_) {
      const absl::Status status =
          CatchTorch("searching", [&] { return StepDecisions(training, validation, progress); });
      if (!status.ok()) return status;
    }
    return weights_.Step(network_, logits_, training, progress);
  }

  Architecture Derive() const override {
    std::vector<std::vector<double>> weights(decisions_.size());
    for (size_t d = 0; d < decisions_.size(); ++d) {
      const auto it = logits_.find(decisions_[d].path);
      if (it == logits_.end()) continue;
      const at::Tensor softmax = at::softmax(it->second.detach().to(at::kDouble), 0);
      weights[d].assign(softmax.data_ptr<double>(), softmax.data_ptr<double>() + softmax.numel());
    }
    return DeriveStrongest(decisions_, weights);
  }

  NamedTensors State() const override { return logits_; }

  NamedTensors Save() const override {
    NamedTensors saved;
    for (const auto& [path, logits] : logits_)
      saved[absl::StrCat("logits/", path)] = logits.clone();
    AddPart("weights", weights_.Save(), saved);
    AddPart("adam", optimizer_->Save(), saved);
    saved["rng"] = SaveRng(rng_);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    absl::Status status = weights_.Restore(SavedPart("weights", saved));
    if (status.ok()) status = optimizer_->Restore(SavedPart("adam", saved));
    if (status.ok()) status = RestoreRng(saved, "rng", rng_);
    for (const auto& [path, logits] : logits_) {
      if (status.ok()) status = RestoreTensor(saved, absl::StrCat("logits/", path), logits);
    }
    return status;
  }

  bool differentiable() const override { return true; }

  absl::StatusOr<double> DecisionGradient(const Batch& batch) override {
    return CatchTorch("searching", [&]() -> absl::StatusOr<double> {
      Rng rng(0);
      ForwardMode mode;
      mode.training = true;
      mode.drop_path_progress = 0;
      mode.rng = &rng;
      const Network::Outcome outcome = network_.Step(batch.inputs, batch.targets, logits_, mode,
                                                     {/*weights=*/false, /*decisions=*/true});
      if (!std::isfinite(outcome.loss)) return NotFinite();
      return outcome.loss;
    });
  }

 private:
  // Descends the loss of the validation batch along the decisions. Gradients of weights are
  // computed only where the second order needs them.
  absl::Status StepDecisions(const Batch& training, const Batch& validation, double progress) {
    constexpr StepGoal kWeights = {/*weights=*/true, /*decisions=*/false};
    constexpr StepGoal kDecisions = {/*weights=*/false, /*decisions=*/true};
    optimizer_->ZeroGrad();
    absl::Status status;
    if (second_order_) {
      UnrolledStep step;
      step.weights = weights_.weights();
      for (const auto& [path, logits] : logits_) step.logits.push_back(logits);
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
    if (status.ok()) optimizer_->Step(learning_rate_.At(progress));
    return status;
  }

  absl::Status SetGradients(const Batch& batch, double progress, const StepGoal& goal) {
    ForwardMode mode;
    mode.training = true;
    mode.drop_path_progress = progress;
    mode.rng = &rng_;
    const Network::Outcome outcome =
        network_.Step(batch.inputs, batch.targets, logits_, mode, goal);
    return std::isfinite(outcome.loss) ? absl::OkStatus() : NotFinite();
  }

  std::vector<ir::Decision> decisions_;
  ParameterStore& store_;
  Network network_;
  WeightTrainer weights_;
  bool second_order_;
  double warm_up_;
  Schedule learning_rate_;
  Rng rng_;
  Network::Logits logits_;
  std::unique_ptr<Optimizer> optimizer_;
};

std::vector<OptionSpec> OptionsOf(const MixtureOptions& mixture, double learning_rate,
                                  double warm_up) {
  std::vector<OptionSpec> specs = {
      {"order", OptionSpec::Kind::kWhole, 1, 1, 2, "", "of the approximation of the gradient"},
      {"learning_rate", OptionSpec::Kind::kSchedule, learning_rate, 0, 1000, "",
       "of Adam on the logits"},
      {"weight_decay", OptionSpec::Kind::kReal, 1e-3, 0, 1, "", "of the logits"},
      {"beta1", OptionSpec::Kind::kReal, 0.5, 0, 1, "", "Adam's decay of the mean"},
      {"beta2", OptionSpec::Kind::kReal, 0.999, 0, 1, "", "Adam's decay of the square"},
      {"warm_up", OptionSpec::Kind::kReal, warm_up, 0, 1, "",
       "the part of the search in which the logits stay as they are"},
  };
  for (OptionSpec& spec : MixtureOptionSpecs(mixture)) specs.push_back(std::move(spec));
  return specs;
}

const StrategyRegistration darts(
    OneShotStrategyInfo("darts", "differentiable search (Liu, Simonyan and Yang, ICLR 2019)",
                        OptionsOf({}, /*learning_rate=*/3e-4, /*warm_up=*/0), Darts::Make));

// 15 of the paper's 50 epochs.
const StrategyRegistration pc_darts(OneShotStrategyInfo(
    "pc_darts", "the same on a part of the channels (Xu et al., ICLR 2020)",
    OptionsOf({/*partial_channels=*/4, /*edge_normalization=*/true}, /*learning_rate=*/6e-4,
              /*warm_up=*/0.3),
    Darts::Make));

}  // namespace
}  // namespace nasc
