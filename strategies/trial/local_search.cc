#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

constexpr int kMostDraws = 100;  // for one that the climb has not seen

// Algorithm 1 of the paper, again and again: a climb begins at the best of some random
// architectures and moves to better neighbours until none is better.
class LocalSearch : public TrialStrategy {
 public:
  LocalSearch(const TrialContext& context, int64_t initial, bool steepest)
      : space_(context.space),
        rng_(HashSeed(context.seed, "local search strategy")),
        initial_(initial),
        steepest_(steepest) {
    Restart();
  }

  std::optional<ArchitectureCode> Propose() override {
    while (true) {
      if (drawn_ < initial_) {
        ++drawn_;
        for (int i = 0; i < kMostDraws; ++i) {
          ArchitectureCode drawn = space_.Draw(rng_);
          if (seen_.insert(drawn).second) return drawn;
        }
        drawn_ = initial_;  // The space is about as small as that.
      }
      if (moved_ && (!steepest_ || neighbours_.empty())) LookAround();
      while (!neighbours_.empty()) {
        ArchitectureCode next = std::move(neighbours_.back());
        neighbours_.pop_back();
        if (seen_.insert(next).second) return next;
      }
      if (!moved_) Restart();
    }
  }

  void Observe(const ArchitectureCode& architecture, absl::Span<const double> objectives) override {
    if (objectives[0] <= best_objective_) return;
    best_ = architecture;
    best_objective_ = objectives[0];
    moved_ = true;
  }

 private:
  void Restart() {
    drawn_ = 0;
    best_.clear();
    best_objective_ = -std::numeric_limits<double>::infinity();
    moved_ = false;
    seen_.clear();
    neighbours_.clear();
  }

  void LookAround() {
    moved_ = false;
    neighbours_ = space_.Neighbours(best_, rng_);
    rng_.Shuffle(&neighbours_);
  }

  const DecisionSpace& space_;
  Rng rng_;
  const int64_t initial_;
  const bool steepest_;

  // Of this climb.
  int64_t drawn_ = 0;
  ArchitectureCode best_;
  double best_objective_ = 0;
  bool moved_ = false;                        // the neighbours of the best one are not known yet
  std::vector<ArchitectureCode> neighbours_;  // to visit, the last one first
  absl::flat_hash_set<ArchitectureCode> seen_;
};

const StrategyRegistration registration(
    TrialStrategyInfo("local_search", "climbs from random architectures (White et al., UAI 2021)",
                      {
                          {"initial", OptionSpec::Kind::kWhole, 20, 1, 1e6, "",
                           "random architectures, of which the best one begins a climb"},
                          {"steepest", OptionSpec::Kind::kTruth, 0, 0, 0, "",
                           "go to the best of all neighbours, not to the first one that is better"},
                      },
                      [](const TrialContext& context, const Options& options) {
                        return std::make_unique<LocalSearch>(context, options.Whole("initial"),
                                                             options.Truth("steepest"));
                      }));

}  // namespace
}  // namespace nasc
