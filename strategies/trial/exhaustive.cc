#include <memory>

#include "strategies/registry.h"
#include "strategies/trial/enumerator.h"

namespace nasc {
namespace {

class Exhaustive : public TrialStrategy {
 public:
  explicit Exhaustive(const DecisionSpace& space) : enumerator_(space) {}

  std::optional<ArchitectureCode> Propose() override { return enumerator_.Next(); }
  void Observe(const ArchitectureCode&, absl::Span<const double>) override {}

 private:
  Enumerator enumerator_;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "exhaustive", "every architecture once, in the order of decisions and options", {},
    [](const TrialContext& context, const Options&) {
      return std::make_unique<Exhaustive>(context.space);
    },
    /*several_objectives=*/true));

}  // namespace
}  // namespace nasc
