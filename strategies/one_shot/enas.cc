// ENAS: Pham et al., ICML 2018. A controller writes architectures that share weights; a step trains
// the weights of one of them, then the controller by how good another one is.

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/saved_state.h"
#include "strategies/learn/controller.h"
#include "strategies/one_shot/carry_momenta.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/one_shot/shared_weights.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

at::Tensor SaveReals(const std::vector<double>& reals) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(reals.size())}, at::kDouble);
  std::copy(reals.begin(), reals.end(), tensor.data_ptr<double>());
  return tensor;
}

ControllerSpec SpecOf(const Options& options) {
  ControllerSpec spec;
  spec.size = options.Whole("size");
  spec.temperature = options.Real("temperature");
  spec.tanh_constant = options.Real("tanh_constant");
  spec.adam.learning_rate = options.Real("learning_rate");
  return spec;
}

class Enas : public OneShotStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    if (context.task == nullptr || context.objective == nullptr) {
      return absl::InvalidArgumentError("enas scores architectures on validation data");
    }
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    return std::make_unique<Enas>(context, options, *std::move(networks));
  }

  Enas(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : store_(context.store),
        task_(*context.task),
        objective_(*context.objective),
        networks_(std::move(networks)),
        weights_(context.store, context.sgd, context.seed, context.epochs),
        shared_(context.supernet, context.store.tensors(), context.store.dtype()),
        controller_(context.supernet.decisions, context.supernet.constraints, SpecOf(options),
                    HashSeed(context.seed, "enas controller")),
        decay_(options.Real("baseline_decay")),
        entropy_(options.Real("entropy")),
        updates_(options.Whole("updates")),
        candidates_(options.Whole("candidates")),
        seed_(context.seed),
        rng_(HashSeed(context.seed, "enas samples")),
        latest_(controller_.Draw(rng_).architecture) {}

  absl::StatusOr<Score> Step(const Batch& training, const Batch& validation,
                             double progress) override {
    absl::StatusOr<Score> score =
        networks_.Train(controller_.Draw(rng_).architecture, {}, training, progress, weights_);
    if (!score.ok()) return score;
    for (int64_t i = 0; i < updates_; ++i) {
      const absl::Status status = StepController(validation);
      if (!status.ok()) return status;
    }
    return score;
  }

  // The last one that the controller was rewarded for.
  Architecture Derive() const override { return latest_; }

  // Section 2.3: of several that it writes, the best.
  absl::StatusOr<Architecture> Choose() override {
    Rng rng(HashSeed(seed_, "enas candidates"));
    std::optional<Architecture> best;
    double best_value = 0;
    for (int64_t i = 0; i < candidates_; ++i) {
      Architecture candidate = controller_.Draw(rng).architecture;
      const absl::StatusOr<double> value =
          objective_.Of(candidate, shared_.On(candidate, task_, Task::Part::kValidation));
      if (!value.ok()) return value.status();
      if (best.has_value() && *value <= best_value) continue;
      best = std::move(candidate);
      best_value = *value;
    }
    return *best;
  }

  NamedTensors State() const override { return {{"controller", SaveReals(controller_.State())}}; }

  NamedTensors Save() const override {
    NamedTensors saved = State();
    AddPart("weights", weights_.Save(), saved);
    saved["rng"] = SaveRng(rng_);
    saved["baseline"] = SaveReals({baseline_, rewarded_ ? 1.0 : 0.0, worst_});
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    at::Tensor controller = SaveReals(controller_.State());
    const at::Tensor baseline = SaveReals({0, 0, 0});
    absl::Status status = RestoreTensor(saved, "controller", controller);
    if (status.ok()) status = RestoreTensor(saved, "baseline", baseline);
    if (status.ok()) status = weights_.Restore(SavedPart("weights", saved));
    if (status.ok()) status = RestoreRng(saved, "rng", rng_);
    if (!status.ok()) return status;
    const auto* numbers = controller.data_ptr<double>();
    if (!controller_.SetState(absl::MakeSpan(numbers, controller.numel()))) {
      return absl::DataLossError("the controller was saved of another space");
    }
    baseline_ = baseline.data_ptr<double>()[0];
    rewarded_ = baseline.data_ptr<double>()[1] != 0;
    worst_ = baseline.data_ptr<double>()[2];
    return absl::OkStatus();
  }

  absl::StatusOr<Carried> Adopt(const OneShotStrategy& before,
                                const Translation& translation) override {
    const auto* other = dynamic_cast<const Enas*>(&before);
    if (other == nullptr) return OneShotStrategy::Adopt(before, translation);
    CarryMomenta(other->weights_, translation.renames(), store_, weights_);
    baseline_ = other->baseline_;
    rewarded_ = other->rewarded_;
    worst_ = other->worst_;
    return controller_.Adopt(other->controller_, translation.map());
  }

 private:
  // REINFORCE: up the gradient of (R - b) log p + entropy, where R is the objective on a batch of
  // validation data and b the moving average of those before.
  absl::Status StepController(const Batch& validation) {
    latest_ = controller_.Draw(rng_).architecture;
    const absl::StatusOr<double> value = objective_.Of(latest_, shared_.On(latest_, validation));
    if (!value.ok()) return value.status();
    double reward = *value;
    // Of one that has no value the worst so far is as much as can be said.
    if (!std::isfinite(reward)) {
      if (!rewarded_) return absl::OkStatus();
      reward = worst_;
    }
    if (!rewarded_) baseline_ = worst_ = reward;
    rewarded_ = true;
    worst_ = std::min(worst_, reward);
    const double advantage = reward - baseline_;
    baseline_ += (1 - decay_) * advantage;
    controller_.Accumulate(
        latest_, [&](double) { return advantage; }, entropy_);
    controller_.Ascend();
    return absl::OkStatus();
  }

  const ParameterStore& store_;
  const Task& task_;
  ScoredObjective& objective_;
  SampledNetworks networks_;
  WeightTrainer weights_;
  SharedWeights shared_;
  Controller controller_;
  double decay_;
  double entropy_;
  int64_t updates_;
  int64_t candidates_;
  uint64_t seed_;
  Rng rng_;
  Architecture latest_;
  double baseline_ = 0;
  double worst_ = 0;  // of the rewards
  bool rewarded_ = false;
};

// Section 3.2 and the authors' code.
std::vector<OptionSpec> EnasOptionSpecs() {
  using Kind = OptionSpec::Kind;
  return {
      {"learning_rate", Kind::kReal, 3.5e-4, 0, 1000, "", "of Adam on the controller"},
      {"size", Kind::kWhole, 64, 1, 65536, "", "of the controller's state and embeddings"},
      {"temperature", Kind::kReal, 5, 1e-3, 1e6, "", "that the controller's logits are divided by"},
      {"tanh_constant", Kind::kReal, 2.5, 0, 1e6, "",
       "c: logits become c tanh(logit); 0: they stay"},
      {"entropy", Kind::kReal, 0.1, 0, 1e6, "", "weight of the controller's entropy in its gain"},
      {"baseline_decay", Kind::kReal, 0.99, 0, 1, "", "of the moving average of rewards"},
      {"updates", Kind::kWhole, 1, 1, 1e6, "", "of the controller a step of the weights"},
      {"candidates", Kind::kWhole, 10, 1, 1e9, "", "architectures that are scored at the end"},
  };
}

const StrategyRegistration registration(
    ScoringStrategyInfo("enas", "a controller and shared weights in turn (Pham et al., ICML 2018)",
                        EnasOptionSpecs(), Enas::Make));

}  // namespace
}  // namespace nasc
