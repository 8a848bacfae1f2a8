#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "strategies/schedule/rungs.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/trial/top_share.h"

namespace nasc {
namespace {

// Algorithm 2 of the paper, one job at a time: whoever is among the best of a rung as it stands now
// and was not promoted goes on, from the highest rung where there is one; else the lowest rung
// grows by an architecture.
class Asha : public Scheduler {
 public:
  Asha(std::vector<double> fidelities, int64_t reduction)
      : reduction_(reduction), fidelities_(std::move(fidelities)), rungs_(fidelities_.size()) {}

  std::optional<Proposal> Propose(TrialStrategy& strategy) override {
    for (size_t r = rungs_.size() - 1; r-- > 0;) {
      Rung& rung = rungs_[r];
      if (rung.promotable.empty()) continue;
      const int64_t promoted = rung.promotable.begin()->second;
      rung.promotable.erase(rung.promotable.begin());
      rung.tried[promoted].promoted = true;
      at_ = r + 1;
      return Proposal{rung.tried[promoted].architecture, fidelities_[at_]};
    }
    at_ = 0;
    std::optional<ArchitectureCode> proposed = strategy.Propose();
    if (!proposed.has_value()) return std::nullopt;
    return Proposal{*std::move(proposed), fidelities_[0]};
  }

  void Observe(const Proposal& proposal, absl::Span<const double> objectives,
               TrialStrategy& strategy) override {
    Rung& rung = rungs_[at_];
    rung.tried.push_back({proposal.architecture, objectives[0]});
    const TopShare::Change change = rung.top.Add(objectives[0], rung.tried.size() / reduction_);
    if (change.entered.has_value()) {
      const Tried& entered = rung.tried[*change.entered];
      const bool diverged = entered.objective == -std::numeric_limits<double>::infinity();
      if (!entered.promoted && !diverged) {
        rung.promotable.emplace(-entered.objective, *change.entered);
      }
    }
    if (change.left.has_value()) {
      rung.promotable.erase({-rung.tried[*change.left].objective, *change.left});
    }
    if (at_ == 0) strategy.Observe(proposal.architecture, objectives);
  }

 private:
  struct Tried {
    ArchitectureCode architecture;
    double objective = 0;
    bool promoted = false;
  };
  struct Rung {
    std::vector<Tried> tried;
    TopShare top;                                     // one of `reduction`
    std::set<std::pair<double, int64_t>> promotable;  // of the top: minus the objective, the index
  };

  const int64_t reduction_;
  const std::vector<double> fidelities_;
  std::vector<Rung> rungs_;
  size_t at_ = 0;  // the rung of the last proposal
};

const SchedulerRegistration registration(
    {"asha", "successive halving that promotes without waiting (Li et al., MLSys 2020)",
     RungOptionSpecs(), [](const SchedulerContext& context, const Options& options) {
       return std::make_unique<Asha>(Fidelities(context.fidelities, options),
                                     options.Whole("reduction"));
     }});

}  // namespace
}  // namespace nasc
