#include "strategies/random.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "strategies/registry.h"

namespace nasc {
namespace {

class RandomStrategy : public TrialStrategy {
 public:
  RandomStrategy(std::vector<ir::Decision> decisions, uint64_t seed)
      : decisions_(std::move(decisions)), rng_(HashSeed(seed, "random strategy")) {}

  Architecture Propose() override { return SampleArchitecture(decisions_, rng_); }
  void Observe(const Architecture&, double) override {}

 private:
  std::vector<ir::Decision> decisions_;
  Rng rng_;
};

const StrategyRegistration registration(
    {"random",
     "architectures drawn at random, each trained on its own (Li and Talwalkar, UAI 2019)",
     {},
     [](const ir::Graph& supernet, const Options&, uint64_t seed) {
       return std::make_unique<RandomStrategy>(supernet.decisions, seed);
     },
     nullptr});

}  // namespace

Architecture SampleArchitecture(const std::vector<ir::Decision>& decisions, Rng& rng) {
  Architecture architecture;
  architecture.picks.resize(decisions.size());
  for (size_t d = 0; d < decisions.size(); ++d) {
    const ir::Decision& decision = decisions[d];
    if (!IsAlive(decision, architecture)) continue;
    std::vector<int> allowed;
    for (size_t i = 0; i < decision.options.size(); ++i) {
      if (!decision.relaxed_only[i]) allowed.push_back(static_cast<int>(i));
    }
    rng.Shuffle(&allowed);
    allowed.resize(decision.kind == ir::Decision::Kind::kOne ? 1 : decision.take);
    std::sort(allowed.begin(), allowed.end());
    architecture.picks[d] = std::move(allowed);
  }
  return architecture;
}

}  // namespace nasc
