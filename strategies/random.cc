#include "strategies/random.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "strategies/registry.h"

namespace nasc {
namespace {

std::vector<int> DrawOptions(const ir::Decision& decision, Rng& rng) {
  std::vector<int> allowed;
  for (size_t i = 0; i < decision.options.size(); ++i) {
    if (!decision.relaxed_only[i]) allowed.push_back(static_cast<int>(i));
  }
  if (decision.least == decision.most) {
    rng.Shuffle(&allowed);
    allowed.resize(decision.most);
    std::sort(allowed.begin(), allowed.end());
    return allowed;
  }
  // Every set is as likely: a coin an option, until there are as many as may be.
  std::vector<int> taken;
  do {
    taken.clear();
    for (const int option : allowed) {
      if (rng.Uniform() < 0.5) taken.push_back(option);
    }
  } while (static_cast<int>(taken.size()) < decision.least ||
           static_cast<int>(taken.size()) > decision.most);
  return taken;
}

Architecture Draw(const std::vector<ir::Decision>& decisions, Rng& rng) {
  Architecture architecture;
  architecture.picks.resize(decisions.size());
  for (size_t d = 0; d < decisions.size(); ++d) {
    if (IsAlive(decisions[d], architecture)) architecture.picks[d] = DrawOptions(decisions[d], rng);
  }
  return architecture;
}

class RandomStrategy : public TrialStrategy {
 public:
  RandomStrategy(const ir::Graph& supernet, uint64_t seed)
      : rng_(HashSeed(seed, "random strategy")) {
    space_.decisions = supernet.decisions;
    space_.constraints = supernet.constraints;
  }

  Architecture Propose() override { return SampleArchitecture(space_, rng_); }
  void Observe(const Architecture&, double) override {}

 private:
  ir::Graph space_;  // only what is decided
  Rng rng_;
};

const StrategyRegistration registration(
    {"random",
     "architectures drawn at random, each trained on its own (Li and Talwalkar, UAI 2019)",
     {},
     [](const ir::Graph& supernet, const Options&, uint64_t seed) {
       return std::make_unique<RandomStrategy>(supernet, seed);
     },
     nullptr});

}  // namespace

Architecture SampleArchitecture(const ir::Graph& supernet, Rng& rng) {
  Architecture architecture;
  do {
    architecture = Draw(supernet.decisions, rng);
  } while (!Fulfils(architecture, supernet.constraints));
  return architecture;
}

}  // namespace nasc
