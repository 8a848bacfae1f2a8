// A strategy: random search that tries no architecture twice.
#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "runtime/random/random.h"
#include "strategies/registry.h"

namespace {

class Distinct : public nasc::TrialStrategy {
 public:
  Distinct(const nasc::TrialContext& context, int64_t attempts)
      : space_(context.space),
        rng_(nasc::HashSeed(context.seed, "distinct strategy")),
        attempts_(attempts) {}

  std::optional<nasc::ArchitectureCode> Propose() override {
    for (int64_t i = 0; i < attempts_; ++i) {
      nasc::ArchitectureCode drawn = space_.Draw(rng_);
      if (seen_.insert(drawn).second) return drawn;
    }
    return std::nullopt;  // ends the search
  }
  void Observe(const nasc::ArchitectureCode&, absl::Span<const double>) override {}

 private:
  const nasc::DecisionSpace& space_;
  nasc::Rng rng_;
  const int64_t attempts_;
  std::set<nasc::ArchitectureCode> seen_;
};

const nasc::StrategyRegistration registration(nasc::TrialStrategyInfo(
    "distinct", "random search without repetition",
    {{"attempts", nasc::OptionSpec::Kind::kWhole, 100, 1, 1e6, "", "draws before it gives up"}},
    [](const nasc::TrialContext& context, const nasc::Options& options) {
      return std::make_unique<Distinct>(context, options.Whole("attempts"));
    }));

}  // namespace
