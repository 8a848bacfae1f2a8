#include <memory>

#include "strategies/registry.h"

namespace nasc {
namespace {

class Random : public TrialStrategy {
 public:
  explicit Random(const TrialContext& context)
      : space_(context.space), rng_(HashSeed(context.seed, "random strategy")) {}

  std::optional<ArchitectureCode> Propose() override { return space_.Draw(rng_); }
  void Observe(const ArchitectureCode&, absl::Span<const double>) override {}

 private:
  const DecisionSpace& space_;
  Rng rng_;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "random", "architectures drawn at random (Li and Talwalkar, UAI 2019)", {},
    [](const TrialContext& context, const Options&) { return std::make_unique<Random>(context); },
    /*several_objectives=*/true));

}  // namespace
}  // namespace nasc
