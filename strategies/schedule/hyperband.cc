#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "strategies/schedule/bracket.h"
#include "strategies/schedule/rungs.h"

namespace nasc {
namespace {

// Algorithm 1 of the paper: brackets from the one with the most rungs to that with one, each with
// about the same budget, again and again.
std::unique_ptr<Scheduler> Make(const SchedulerContext& context, const Options& options) {
  std::vector<double> fidelities = Fidelities(context.fidelities, options);
  const auto plan = [fidelities](int64_t bracket) {
    constexpr double kRounding = 1e-9;
    const auto rungs = static_cast<int64_t>(fidelities.size());  // s_max + 1
    const int64_t first = bracket % rungs;
    const int64_t s = rungs - 1 - first;
    // Line 3: n = ceil((s_max + 1) / (s + 1) * eta^s), where eta^s is one over the fidelity of the
    // first rung, also of declared ones.
    const double width =
        static_cast<double>(rungs) / static_cast<double>(s + 1) / fidelities[first];
    return BracketPlan{static_cast<int64_t>(std::ceil(width - kRounding)),
                       static_cast<size_t>(first)};
  };
  return std::make_unique<BracketScheduler>(context.trials, std::move(fidelities),
                                            options.Whole("reduction"), plan);
}

const SchedulerRegistration registration(
    {"hyperband", "brackets of successive halving from bold to careful (Li et al., JMLR 2018)",
     RungOptionSpecs(), Make});

}  // namespace
}  // namespace nasc
