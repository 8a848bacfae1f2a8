#include <limits>
#include <memory>

#include "strategies/schedule/bracket.h"
#include "strategies/schedule/rungs.h"

namespace nasc {
namespace {

std::vector<OptionSpec> Specs() {
  std::vector<OptionSpec> specs = RungOptionSpecs();
  specs.push_back({"width", OptionSpec::Kind::kWhole, 0, 0, 1e9, "",
                   "architectures of a bracket; 0: as many as one bracket for the whole budget "
                   "has"});
  return specs;
}

std::unique_ptr<Scheduler> Make(const SchedulerContext& context, const Options& options) {
  const int64_t width = options.Whole("width");
  return std::make_unique<BracketScheduler>(
      context.trials, Fidelities(context.fidelities, options), options.Whole("reduction"),
      [width](int64_t) {
        return BracketPlan{width > 0 ? width : std::numeric_limits<int64_t>::max()};
      });
}

const SchedulerRegistration registration(
    {"successive_halving",
     "the better part of many goes on with more budget (Jamieson and Talwalkar, AISTATS 2016)",
     Specs(), Make});

}  // namespace
}  // namespace nasc
