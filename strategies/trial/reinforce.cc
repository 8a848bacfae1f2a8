// The policy gradient of Zoph and Le (ICLR 2017): see docs/learning_strategies.md.

#include <memory>

#include "strategies/learn/controller.h"
#include "strategies/learn/controller_options.h"
#include "strategies/learn/reward_scale.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Reinforce : public TrialStrategy {
 public:
  Reinforce(const TrialContext& context, const Options& options)
      : space_(context.space),
        controller_(space_.decisions(), space_.constraints(), ControllerSpecOf(options),
                    HashSeed(context.seed, "reinforce controller")),
        scale_(options.Whole("window")),
        decay_(options.Real("baseline_decay")),
        entropy_(options.Real("entropy")),
        batch_(options.Whole("batch")),
        rng_(HashSeed(context.seed, "reinforce strategy")) {}

  std::optional<ArchitectureCode> Propose() override {
    return space_.Encode(controller_.Draw(rng_).architecture);
  }

  // Equation in section 3.2: the gradient of (R - b) log p, averaged over a batch, with b an
  // exponential moving average of earlier rewards.
  void Observe(const ArchitectureCode& code, absl::Span<const double> objectives) override {
    const double reward = scale_.Rank(objectives[0]);
    const double advantage = (reward - baseline_) / static_cast<double>(batch_);
    baseline_ += (1 - decay_) * (reward - baseline_);
    controller_.Accumulate(
        space_.Decode(code), [&](double) { return advantage; },
        entropy_ / static_cast<double>(batch_));
    if (++waiting_ < batch_) return;
    waiting_ = 0;
    controller_.Ascend();
  }

 private:
  const DecisionSpace& space_;
  Controller controller_;
  RewardScale scale_;
  double baseline_ = 0.5;  // of ranks, before any is known
  double decay_;
  double entropy_;
  int64_t batch_;
  int64_t waiting_ = 0;  // observed since the last step
  Rng rng_;
};

std::vector<OptionSpec> OptionSpecs() {
  std::vector<OptionSpec> specs = ControllerOptionSpecs(/*learning_rate=*/0.01);
  specs.push_back({"baseline_decay", OptionSpec::Kind::kReal, 0.95, 0, 1, "",
                   "of the moving average that rewards are compared with"});
  specs.push_back({"entropy", OptionSpec::Kind::kReal, 0.005, 0, 10, "",
                   "weight of the entropy: more explores longer"});
  specs.push_back({"batch", OptionSpec::Kind::kWhole, 1, 1, 1e6, "", "architectures a step"});
  return specs;
}

const StrategyRegistration registration(TrialStrategyInfo(
    "reinforce", "a recurrent controller, by policy gradient (Zoph and Le, ICLR 2017)",
    OptionSpecs(), [](const TrialContext& context, const Options& options) {
      return std::make_unique<Reinforce>(context, options);
    }));

}  // namespace
}  // namespace nasc
