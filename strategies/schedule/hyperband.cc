#include <memory>

#include "strategies/schedule/bracket.h"
#include "strategies/schedule/rungs.h"

namespace nasc {
namespace {

// Algorithm 1 of the paper: brackets from the one with the most rungs to that with one, each with
// about the same budget, again and again.
std::unique_ptr<Scheduler> Make(int64_t trials, const Options& options) {
  const int64_t reduction = options.Whole("reduction");
  const auto rungs =
      static_cast<int64_t>(Fidelities(options.Real("least"), reduction).size());  // s_max + 1
  const auto plan = [rungs, reduction](int64_t bracket) {
    const int64_t first = bracket % rungs;
    const int64_t s = rungs - 1 - first;
    int64_t power = 1;
    for (int64_t i = 0; i < s; ++i) power *= reduction;
    // Line 3: n = ceil((s_max + 1) / (s + 1) * eta^s)
    return BracketPlan{(rungs * power + s) / (s + 1), static_cast<size_t>(first)};
  };
  return std::make_unique<BracketScheduler>(trials, options.Real("least"), reduction, plan);
}

const SchedulerRegistration registration(
    {"hyperband", "brackets of successive halving from bold to careful (Li et al., JMLR 2018)",
     RungOptionSpecs(), Make});

}  // namespace
}  // namespace nasc
