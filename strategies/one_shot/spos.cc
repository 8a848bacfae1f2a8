// Single path one-shot: Guo et al., ECCV 2020. Every step trains one architecture, drawn uniformly;
// then evolution finds the one that scores best with the weights that they share.

#include <memory>
#include <utility>

#include "runtime/saved_state.h"
#include "strategies/one_shot/carry_momenta.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/sampled_networks.h"
#include "strategies/one_shot/shared_weights.h"
#include "strategies/one_shot/supernet_evolution.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Spos : public OneShotStrategy {
 public:
  static absl::StatusOr<std::unique_ptr<OneShotStrategy>> Make(const OneShotContext& context,
                                                               const Options& options) {
    if (context.task == nullptr || context.objective == nullptr) {
      return absl::InvalidArgumentError("spos scores architectures on validation data");
    }
    absl::StatusOr<SampledNetworks> networks = SampledNetworks::Create(context);
    if (!networks.ok()) return networks.status();
    return std::make_unique<Spos>(context, options, *std::move(networks));
  }

  Spos(const OneShotContext& context, const Options& options, SampledNetworks networks)
      : space_(context.supernet),
        store_(context.store),
        task_(*context.task),
        objective_(*context.objective),
        networks_(std::move(networks)),
        weights_(context.store, context.sgd, context.seed, context.epochs),
        shared_(context.supernet, context.store.tensors(), context.store.dtype(), /*kept=*/1),
        seed_(context.seed),
        rng_(HashSeed(context.seed, "single paths")) {
    spec_.candidates = options.Whole("candidates");
    spec_.population = options.Whole("population");
    spec_.parents = options.Whole("parents");
    spec_.mutation = options.Real("mutation");
    spec_.random = !options.Truth("evolution");
  }

  absl::StatusOr<Score> Step(const Batch& training, const Batch&, double progress) override {
    return networks_.Train(space_.Decode(space_.Draw(rng_)), {}, training, progress, weights_);
  }

  // Nothing stands for one architecture until they are scored: any one.
  bool derives_early() const override { return false; }
  Architecture Derive() const override {
    Rng rng(HashSeed(seed_, "any single path"));
    return space_.Decode(space_.Draw(rng));
  }

  absl::StatusOr<Architecture> Choose() override {
    Rng rng(HashSeed(seed_, "evolution of single paths"));
    const absl::StatusOr<ArchitectureCode> best =
        EvolveOnSupernet(space_, spec_, rng,
                         [&](const Architecture& architecture) { return ScoreOf(architecture); });
    if (!best.ok()) return best.status();
    return space_.Decode(*best);
  }

  NamedTensors State() const override { return {}; }

  NamedTensors Save() const override {
    NamedTensors saved;
    AddPart("weights", weights_.Save(), saved);
    saved["rng"] = SaveRng(rng_);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    const absl::Status status = weights_.Restore(SavedPart("weights", saved));
    return status.ok() ? RestoreRng(saved, "rng", rng_) : status;
  }

  absl::StatusOr<Carried> Adopt(const OneShotStrategy& before,
                                const Translation& translation) override {
    const auto* other = dynamic_cast<const Spos*>(&before);
    if (other == nullptr) return OneShotStrategy::Adopt(before, translation);
    CarryMomenta(other->weights_, translation.renames(), store_, weights_);
    return Carried();
  }

 private:
  absl::StatusOr<double> ScoreOf(const Architecture& architecture) {
    return objective_.Of(architecture, shared_.On(architecture, task_, Task::Part::kValidation));
  }

  const DecisionSpace space_;
  const ParameterStore& store_;
  const Task& task_;
  ScoredObjective& objective_;
  SampledNetworks networks_;
  WeightTrainer weights_;
  SharedWeights shared_;
  SupernetEvolutionSpec spec_;
  uint64_t seed_;
  Rng rng_;
};

std::vector<OptionSpec> SposOptionSpecs() {
  using Kind = OptionSpec::Kind;
  return {
      {"candidates", Kind::kWhole, 1000, 1, 1e9, "", "architectures that are scored at the end"},
      {"evolution", Kind::kTruth, 1, 0, 1, "", "off: all of them are drawn at random"},
      {"population", Kind::kWhole, 50, 1, 1e6, "", "of them in a generation"},
      {"parents", Kind::kWhole, 10, 1, 1e6, "", "the best, from which the next generation comes"},
      {"mutation", Kind::kReal, 0.1, 0, 1, "", "the part of the decisions that a mutation changes"},
  };
}

const StrategyRegistration registration(ScoringStrategyInfo(
    "spos", "uniform single paths, then evolution on shared weights (Guo et al., ECCV 2020)",
    SposOptionSpecs(), Spos::Make));

}  // namespace
}  // namespace nasc
