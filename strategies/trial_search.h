#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/function_classes.h"
#include "strategies/evaluate/objective.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/trial/trial_strategy.h"

namespace nasc {

// An architecture that was tried.
struct Trial {
  int64_t number = 0;  // from 1
  ArchitectureCode architecture;
  double fidelity = 1;
  std::vector<double> values;      // of the measures; NaN where its training diverged
  std::vector<double> objectives;  // more is better; minus infinity where it diverged
  int64_t same_as = 0;             // the trial that computes the same and was evaluated; 0: none

  bool diverged() const;
};

// Whether `a` is better than `b`: measured at a greater fidelity, or as good in every objective and
// better in one.
bool Dominates(const Trial& a, const Trial& b);

// A search that tries one architecture after the other.
class TrialSearch {
 public:
  struct Parts {
    const DecisionSpace& space;
    TrialStrategy& strategy;
    Scheduler* scheduler = nullptr;  // nullptr: every trial has the whole budget of one
    double budget = 0;               // the most that the fidelities of all trials add up to
    // The first one is what costs: where an architecture computes the same as one before, what it
    // measured then counts again. The others measure every architecture.
    std::vector<Evaluator*> evaluators;
    std::vector<Objective> objectives;
    // nullptr: architectures that compute the same are not known.
    FunctionClasses* classes = nullptr;
    const char* label = "trial";  // of trials, in progress and metrics
  };

  // Error: an objective asks for what nothing measures.
  static absl::StatusOr<TrialSearch> Create(Parts parts);

  // The names of the values of trials.
  const std::vector<std::string>& measures() const { return measures_; }

  // Tries one more architecture; false where the budget is spent or the strategy has no more.
  // Errors: those of evaluators but a training that diverges; an objective without a value.
  absl::StatusOr<bool> Step(const RunContext* run);

  // Goes through a step again whose trial is known but for its objectives, instead of evaluating.
  // FailedPrecondition where the strategy proposes another architecture than it did then.
  absl::Status Replay(const Trial& trial);

  // Takes a trial of a search on an earlier version of the space as if it had been one of this: it
  // counts, the strategy learns from it, and what computes the same is not evaluated again.
  absl::Status Adopt(const Trial& trial);

  const Trial& last() const { return last_; }
  int64_t trials() const { return last_.number; }
  double spent() const { return spent_; }           // the fidelities of all trials
  int64_t evaluated() const { return evaluated_; }  // trials that took an evaluation

  const std::vector<Objective>& objectives() const { return parts_.objectives; }

  // Trials that no other one dominates, in their order: with one objective the best, the earlier
  // one where equal. Empty while all diverged.
  const std::vector<Trial>& front() const { return front_; }

 private:
  struct Known {
    int64_t trial = 0;
    std::vector<double> values;  // of the first evaluator
  };

  explicit TrialSearch(Parts parts) : parts_(std::move(parts)) {}
  // Nothing where the search has ended.
  std::optional<Proposal> Next();
  absl::Status Measure(const RunContext* run);
  absl::Status Judge();
  absl::Status Know(const Trial& trial);
  void Show();
  void Count();

  Parts parts_;
  std::vector<std::string> measures_;
  Trial last_;
  double spent_ = 0;
  int64_t evaluated_ = 0;
  std::vector<Trial> front_;
  absl::flat_hash_map<std::pair<int64_t, double>, Known> known_;  // by class and fidelity
};

}  // namespace nasc
