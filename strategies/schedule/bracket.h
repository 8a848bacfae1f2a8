#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "strategies/schedule/scheduler.h"

namespace nasc {

// A bracket of successive halving that is to be run: how many architectures, from which of the
// rungs on.
struct BracketPlan {
  int64_t width = 0;  // above 0
  size_t first_rung = 0;
};

// Runs one bracket after the other: Algorithm 1 of Jamieson and Talwalkar (AISTATS 2016), as
// Hyperband has it (Li et al., JMLR 2018, Algorithm 1, lines 5 to 9). All architectures of a rung
// are evaluated; the best of them by the first objective, one of `reduction`, go on to the next
// rung. None goes on whose training diverged. A bracket that the rest of the budget cannot pay is
// made as narrow as it must be; where it pays none there is no more to do.
class BracketScheduler : public Scheduler {
 public:
  // The plan of the bracket of that number, from 0.
  using Plan = std::function<BracketPlan(int64_t bracket)>;

  // `fidelities` are those of the rungs, see Fidelities.
  BracketScheduler(int64_t trials, std::vector<double> fidelities, int64_t reduction, Plan plan);

  std::optional<Proposal> Propose(TrialStrategy& strategy) override;
  void Observe(const Proposal& proposal, absl::Span<const double> objectives,
               TrialStrategy& strategy) override;

 private:
  struct Tried {
    ArchitectureCode architecture;
    double objective = 0;
  };

  bool BeginBracket();
  void Promote();

  const int64_t reduction_;
  const std::vector<double> fidelities_;  // by rung
  const Plan plan_;
  double budget_;  // that is left
  int64_t brackets_ = 0;

  // Of this bracket.
  std::vector<int64_t> sizes_;  // of its rungs
  size_t first_rung_ = 0;
  size_t rung_ = 0;                        // of its own, from 0
  std::vector<ArchitectureCode> waiting_;  // to be evaluated in a later rung than the first
  std::vector<Tried> tried_;               // in this rung
};

}  // namespace nasc
