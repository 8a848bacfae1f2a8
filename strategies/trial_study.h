#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/translation.h"
#include "runtime/task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/fidelity_level.h"
#include "strategies/evaluate/function_classes.h"
#include "strategies/evaluate/objective.h"
#include "strategies/migrate/carried.h"
#include "strategies/run_context.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/search_config.h"
#include "strategies/trial/decision_space.h"
#include "strategies/trial_search.h"
#include "strategies/trial_store.h"

namespace nasc {

// What a trial-based search found.
struct TrialOutcome {
  struct Best {
    int64_t trial = 0;
    Architecture architecture;
    std::vector<double> values;      // of the measures
    std::vector<double> objectives;  // as the user counts them
  };
  std::vector<std::string> measures;
  std::vector<Best> front;  // with one objective the best; else all that no other one dominates
  // Of the first of the front: what the evaluator tells of it and the search did not see.
  std::vector<std::pair<std::string, double>> report;
  int64_t trials = 0;
  int64_t evaluated = 0;  // the others computed the same as an earlier one
};

// The trial-based part of a search: what evaluates, and the loop of the strategy and of random
// search beside it, each trial recorded as it ends.
class TrialStudy {
 public:
  // `config`, `supernet` and `task`, which is nullptr where the search has no data, outlive this.
  // Errors: those of evaluators; an objective that nothing measures.
  static absl::StatusOr<TrialStudy> Prepare(const SearchConfig& config, const ir::Graph& supernet,
                                            const Task* task);

  // A search that nobody records, with what it consists of. The strategy of the declaration comes
  // with the declared settings and scheduler, another one, such as random, with its own defaults.
  struct Running {
    std::unique_ptr<TrialStrategy> strategy;
    std::unique_ptr<Scheduler> scheduler;
    std::unique_ptr<TrialSearch> search;
  };
  absl::StatusOr<std::unique_ptr<Running>> Begin(const std::string& strategy, int64_t trials,
                                                 uint64_t seed, const char* label = "trial");

  // Makes the record of trials in the folder of a run, or opens it to go on; the metrics are cut
  // back to the last trial, unless all had `ended` before.
  absl::Status Open(const RunContext& run, bool resume, bool ended);

  // Whether trials of another search were measured as those of this one are, so that they may
  // count as its own. FailedPrecondition, with what is set otherwise.
  absl::Status CheckMeasuredAlike(const SearchConfig& other) const;

  // Makes the record of trials from that of the same search on an earlier version of the space, in
  // the folder `from`: they count as trials of this search, which goes on after them with `resume`.
  absl::StatusOr<Carried> CarryFrom(const std::string& from, const Translation& translation,
                                    const RunContext& run);

  // Searches with a strategy until the budget of the declaration is spent; `label` is "search" or
  // "random". What is recorded is not evaluated again. Stopped by the user: Cancelled; everything
  // that ended is recorded.
  absl::StatusOr<TrialOutcome> Run(const std::string& label, const RunContext& run);

  Evaluator& evaluator() { return *evaluators_.front(); }
  const DecisionSpace& space() const { return *space_; }
  const ir::Graph& supernet() const { return *supernet_; }

 private:
  explicit TrialStudy(const SearchConfig& config, const ir::Graph& supernet)
      : config_(&config),
        supernet_(&supernet),
        space_(std::make_unique<DecisionSpace>(supernet)),
        classes_(std::make_unique<FunctionClasses>(*space_, supernet)) {}

  absl::StatusOr<TrialOutcome> OutcomeOf(const TrialSearch& search);

  const SearchConfig* config_;
  const ir::Graph* supernet_;
  std::unique_ptr<DecisionSpace> space_;
  std::unique_ptr<FunctionClasses> classes_;
  std::unique_ptr<FidelityLevels> levels_;  // nullptr where the search declares none
  std::vector<std::unique_ptr<Evaluator>> evaluators_;
  std::vector<Objective> objectives_;
  std::unique_ptr<TrialStore> store_;
};

inline constexpr char kTrialsFile[] = "trials.sqlite";

}  // namespace nasc
