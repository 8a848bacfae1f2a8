#include "strategies/random.h"

#include <memory>
#include <utility>

#include "compiler/draw.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

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
    architecture =
        DrawArchitecture(supernet.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
  } while (!Fulfils(architecture, supernet.constraints));
  return architecture;
}

}  // namespace nasc
