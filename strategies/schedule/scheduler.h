#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "dsl/options.h"
#include "strategies/trial/trial_strategy.h"

namespace nasc {

// What a scheduler wants evaluated: an architecture with a part of the budget of a trial.
struct Proposal {
  ArchitectureCode architecture;
  double fidelity = 1;  // above 0, at most 1
};

// Spends the budget of a search unevenly: little on most architectures, more on those that did well
// with little. Like a strategy it is a function of its options and of what it observed.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // What to evaluate next: an architecture that the strategy proposes now, or one of before with
  // more of the budget; nothing where there is no more to do.
  virtual std::optional<Proposal> Propose(TrialStrategy& strategy) = 0;

  // What came of the last proposal, see TrialStrategy::Observe. The strategy is shown each
  // architecture once, with what came of its first evaluation.
  virtual void Observe(const Proposal& proposal, absl::Span<const double> objectives,
                       TrialStrategy& strategy) = 0;
};

// What a scheduler is made for.
struct SchedulerContext {
  int64_t trials = 0;              // the budget: the sum of the fidelities of all evaluations
  std::vector<double> fidelities;  // those that are declared, ascending, below 1; none: any will do
};

// A scheduler as the `schedule` line of a search names it. It registers itself, like a strategy.
struct SchedulerInfo {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  std::function<std::unique_ptr<Scheduler>(const SchedulerContext& context, const Options& options)>
      make;
};

class SchedulerRegistration {
 public:
  explicit SchedulerRegistration(SchedulerInfo info);
};

// nullptr if there is none.
const SchedulerInfo* FindScheduler(const std::string& name);

// In the order of their names.
std::vector<const SchedulerInfo*> KnownSchedulers();

}  // namespace nasc
