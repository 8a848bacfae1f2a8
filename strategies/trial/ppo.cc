// Proximal policy optimisation of the controller, as NASNet was found (Zoph et al., CVPR 2018;
// Schulman et al., 2017): see docs/learning_strategies.md.

#include <cmath>
#include <memory>

#include "strategies/learn/controller.h"
#include "strategies/learn/controller_options.h"
#include "strategies/learn/ppo_weight.h"
#include "strategies/learn/reward_scale.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Ppo : public TrialStrategy {
 public:
  Ppo(const TrialContext& context, const Options& options)
      : space_(context.space),
        controller_(space_.decisions(), space_.constraints(), ControllerSpecOf(options),
                    HashSeed(context.seed, "ppo controller")),
        scale_(options.Whole("window")),
        decay_(options.Real("baseline_decay")),
        entropy_(options.Real("entropy")),
        clip_(options.Real("clip")),
        epochs_(options.Whole("epochs")),
        batch_(options.Whole("batch")),
        rng_(HashSeed(context.seed, "ppo strategy")) {}

  std::optional<ArchitectureCode> Propose() override {
    const Controller::Sample sample = controller_.Draw(rng_);
    log_probability_ = sample.log_probability;
    return space_.Encode(sample.architecture);
  }

  void Observe(const ArchitectureCode& code, absl::Span<const double> objectives) override {
    const double reward = scale_.Rank(objectives[0]);
    trajectories_.push_back({space_.Decode(code), log_probability_, reward - baseline_});
    baseline_ += (1 - decay_) * (reward - baseline_);
    if (static_cast<int64_t>(trajectories_.size()) < batch_) return;
    for (int64_t epoch = 0; epoch < epochs_; ++epoch) Step();
    trajectories_.clear();
  }
  void Learn(const ArchitectureCode& code, absl::Span<const double> objectives) override {
    log_probability_ = controller_.Score(space_.Decode(code)).log_probability;
    Observe(code, objectives);
  }

 private:
  struct Trajectory {
    Architecture architecture;
    double log_probability = 0;  // when it was drawn
    double advantage = 0;
  };

  void Step() {
    const double share = 1 / static_cast<double>(trajectories_.size());
    for (const Trajectory& trajectory : trajectories_) {
      controller_.Accumulate(
          trajectory.architecture,
          [&](double log_probability) {
            const double ratio = std::exp(log_probability - trajectory.log_probability);
            return share * ClippedSurrogateWeight(ratio, trajectory.advantage, clip_);
          },
          share * entropy_);
    }
    controller_.Ascend();
  }

  const DecisionSpace& space_;
  Controller controller_;
  RewardScale scale_;
  double baseline_ = 0.5;  // of ranks, before any is known
  double decay_;
  double entropy_;
  double clip_;
  int64_t epochs_;
  int64_t batch_;
  double log_probability_ = 0;  // of the last proposal
  std::vector<Trajectory> trajectories_;
  Rng rng_;
};

std::vector<OptionSpec> OptionSpecs() {
  std::vector<OptionSpec> specs = ControllerOptionSpecs(/*learning_rate=*/0.01);
  specs.push_back({"baseline_decay", OptionSpec::Kind::kReal, 0.95, 0, 1, "",
                   "of the moving average that rewards are compared with"});
  specs.push_back({"entropy", OptionSpec::Kind::kReal, 0.05, 0, 10, "",
                   "weight of the entropy: more explores longer"});
  specs.push_back({"clip", OptionSpec::Kind::kReal, 0.2, 0, 1, "",
                   "how far from 1 the ratio of probabilities still counts"});
  specs.push_back({"epochs", OptionSpec::Kind::kWhole, 4, 1, 1000, "", "steps a batch"});
  specs.push_back({"batch", OptionSpec::Kind::kWhole, 10, 1, 1e6, "", "architectures a batch"});
  return specs;
}

const StrategyRegistration registration(TrialStrategyInfo(
    "ppo",
    "a recurrent controller, by proximal policy optimisation (Zoph et al., CVPR 2018; Schulman et "
    "al., 2017)",
    OptionSpecs(), [](const TrialContext& context, const Options& options) {
      return std::make_unique<Ppo>(context, options);
    }));

}  // namespace
}  // namespace nasc
