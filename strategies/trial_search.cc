#include "strategies/trial_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "strategies/trial/pareto.h"

namespace nasc {

bool Trial::diverged() const {
  return !objectives.empty() && objectives[0] == -std::numeric_limits<double>::infinity();
}

bool Dominates(const Trial& a, const Trial& b) {
  if (a.fidelity != b.fidelity) return a.fidelity > b.fidelity;
  return Dominates(a.objectives, b.objectives);
}

absl::StatusOr<TrialSearch> TrialSearch::Create(Parts parts) {
  TrialSearch search(std::move(parts));
  for (const Evaluator* evaluator : search.parts_.evaluators) {
    search.measures_.insert(search.measures_.end(), evaluator->measures().begin(),
                            evaluator->measures().end());
  }
  for (Objective& objective : search.parts_.objectives) {
    absl::StatusOr<Objective> bound = objective.Bind(search.measures_);
    if (!bound.ok()) return bound.status();
    objective = *std::move(bound);
  }
  search.last_.values.resize(search.measures_.size());
  search.last_.objectives.resize(search.parts_.objectives.size());
  return search;
}

std::optional<Proposal> TrialSearch::Next() {
  constexpr double kRounding = 1e-9;  // of a sum of many fidelities
  if (spent_ > parts_.budget - kRounding) return std::nullopt;
  std::optional<Proposal> next;
  if (parts_.scheduler != nullptr) {
    next = parts_.scheduler->Propose(parts_.strategy);
  } else if (std::optional<ArchitectureCode> proposed = parts_.strategy.Propose()) {
    next = Proposal{*std::move(proposed)};
  }
  if (next.has_value() && spent_ + next->fidelity > parts_.budget + kRounding) next.reset();
  return next;
}

absl::StatusOr<bool> TrialSearch::Step(const RunContext* run) {
  std::optional<Proposal> next = Next();
  if (!next.has_value()) return false;
  last_.architecture = std::move(next->architecture);
  last_.fidelity = next->fidelity;
  ++last_.number;
  absl::Status status = Measure(run);
  if (status.ok()) status = Judge();
  if (!status.ok()) {
    --last_.number;
    return status;
  }
  Count();
  Show();
  return true;
}

absl::Status TrialSearch::Measure(const RunContext* run) {
  // Decoded only where somebody measures it.
  Architecture architecture;
  if (parts_.classes == nullptr || parts_.evaluators.size() > 1) {
    architecture = parts_.space.Decode(last_.architecture);
  }
  const Evaluation evaluation{architecture, last_.number, last_.fidelity, run, parts_.label};
  const size_t costly = parts_.evaluators[0]->measures().size();
  Known* known = nullptr;
  last_.same_as = 0;
  if (parts_.classes != nullptr) {
    known = &known_[{parts_.classes->Of(last_.architecture), last_.fidelity}];
    last_.same_as = known->trial;
  }
  if (last_.same_as > 0) {
    absl::c_copy(known->values, last_.values.begin());
  } else {
    if (architecture.picks.empty()) architecture = parts_.space.Decode(last_.architecture);
    const absl::Status status =
        parts_.evaluators[0]->Evaluate(evaluation, absl::MakeSpan(last_.values).first(costly));
    if (absl::IsOutOfRange(status)) {
      std::fill_n(last_.values.begin(), costly, std::numeric_limits<double>::quiet_NaN());
    } else if (!status.ok()) {
      return status;
    }
    if (known != nullptr) {
      *known = {last_.number, {last_.values.begin(), last_.values.begin() + costly}};
    }
  }
  size_t at = costly;
  for (size_t i = 1; i < parts_.evaluators.size(); ++i) {
    const size_t count = parts_.evaluators[i]->measures().size();
    const absl::Status status =
        parts_.evaluators[i]->Evaluate(evaluation, absl::MakeSpan(last_.values).subspan(at, count));
    if (!status.ok()) return status;
    at += count;
  }
  return absl::OkStatus();
}

absl::Status TrialSearch::Judge() {
  const bool diverged =
      absl::c_any_of(last_.values, [](double value) { return std::isnan(value); });
  for (size_t i = 0; i < parts_.objectives.size(); ++i) {
    double& objective = last_.objectives[i];
    objective =
        diverged ? -std::numeric_limits<double>::infinity() : parts_.objectives[i].Of(last_.values);
    if (std::isfinite(objective) || diverged) continue;
    std::string values;
    for (size_t m = 0; m < measures_.size(); ++m) {
      absl::StrAppend(&values, m == 0 ? "" : ", ", measures_[m], " = ", last_.values[m]);
    }
    return absl::InvalidArgumentError(absl::StrCat("objective `", parts_.objectives[i].text(),
                                                   "` has no finite value for trial ", last_.number,
                                                   ", where ", values));
  }
  return absl::OkStatus();
}

// Gives the last trial to who asked for it.
void TrialSearch::Show() {
  if (parts_.scheduler != nullptr) {
    parts_.scheduler->Observe({last_.architecture, last_.fidelity}, last_.objectives,
                              parts_.strategy);
  } else {
    parts_.strategy.Observe(last_.architecture, last_.objectives);
  }
}

void TrialSearch::Count() {
  if (last_.same_as == 0) ++evaluated_;
  spent_ += last_.fidelity;
  if (last_.diverged()) return;
  const bool worse = absl::c_any_of(front_, [&](const Trial& other) {
    return other.objectives == last_.objectives ? other.fidelity >= last_.fidelity
                                                : Dominates(other, last_);
  });
  if (worse) return;
  front_.erase(std::remove_if(front_.begin(), front_.end(),
                              [&](const Trial& other) { return Dominates(last_, other); }),
               front_.end());
  front_.push_back(last_);
}

absl::Status TrialSearch::Replay(const Trial& trial) {
  const std::optional<Proposal> next = Next();
  if (!next.has_value() || next->architecture != trial.architecture ||
      next->fidelity != trial.fidelity) {
    return absl::FailedPreconditionError(absl::StrCat(
        "trial ", trial.number,
        " was another architecture than the strategy proposes now: the search was made "
        "by another version of nasc, or its files were changed"));
  }
  const absl::Status known = Know(trial);
  if (known.ok()) Show();
  return known;
}

absl::Status TrialSearch::Adopt(const Trial& trial) {
  const absl::Status known = Know(trial);
  // A part of a trial says little of an architecture, and schedulers ask for it again.
  if (known.ok() && trial.fidelity == 1)
    parts_.strategy.Learn(last_.architecture, last_.objectives);
  return known;
}

// Makes a trial that was evaluated before the last one.
absl::Status TrialSearch::Know(const Trial& trial) {
  last_ = trial;
  last_.objectives.resize(parts_.objectives.size());
  const absl::Status judged = Judge();
  if (!judged.ok()) return judged;
  if (parts_.classes != nullptr && trial.same_as == 0) {
    const size_t costly = parts_.evaluators[0]->measures().size();
    known_[{parts_.classes->Of(trial.architecture), trial.fidelity}] = {
        trial.number, {trial.values.begin(), trial.values.begin() + costly}};
  }
  Count();
  return absl::OkStatus();
}

}  // namespace nasc
