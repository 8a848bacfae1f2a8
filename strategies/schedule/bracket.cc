#include "strategies/schedule/bracket.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/algorithm/container.h"
#include "strategies/schedule/rungs.h"

namespace nasc {

BracketScheduler::BracketScheduler(int64_t trials, std::vector<double> fidelities,
                                   int64_t reduction, Plan plan)
    : reduction_(reduction),
      fidelities_(std::move(fidelities)),
      plan_(std::move(plan)),
      budget_(static_cast<double>(trials)) {}

bool BracketScheduler::BeginBracket() {
  const BracketPlan plan = plan_(brackets_++);
  first_rung_ = plan.first_rung;
  const std::vector<double> rungs(fidelities_.begin() + first_rung_, fidelities_.end());
  const int64_t width = std::min(plan.width, WidestBracket(budget_, rungs, reduction_));
  if (width == 0) return false;
  sizes_ = RungSizes(width, rungs.size(), reduction_);
  rung_ = 0;
  return true;
}

std::optional<Proposal> BracketScheduler::Propose(TrialStrategy& strategy) {
  // A rung that came to nothing, since all diverged, ends a bracket without a trial of the next.
  while (true) {
    if (sizes_.empty() && !BeginBracket()) return std::nullopt;
    const double fidelity = fidelities_[first_rung_ + rung_];
    const bool whole = static_cast<int64_t>(tried_.size()) == sizes_[rung_];
    if (!whole && rung_ > 0 && !waiting_.empty()) {
      Proposal proposal{std::move(waiting_.back()), fidelity};
      waiting_.pop_back();
      return proposal;
    }
    if (!whole && rung_ == 0) {
      std::optional<ArchitectureCode> proposed = strategy.Propose();
      if (proposed.has_value()) return Proposal{*std::move(proposed), fidelity};
      if (tried_.empty()) return std::nullopt;
      sizes_ = RungSizes(static_cast<int64_t>(tried_.size()), sizes_.size(), reduction_);
    }
    Promote();
  }
}

void BracketScheduler::Promote() {
  ++rung_;
  absl::c_stable_sort(tried_,
                      [](const Tried& a, const Tried& b) { return a.objective > b.objective; });
  waiting_.clear();
  if (rung_ < sizes_.size()) {
    for (const Tried& tried : tried_) {
      if (static_cast<int64_t>(waiting_.size()) == sizes_[rung_] ||
          tried.objective == -std::numeric_limits<double>::infinity()) {
        break;
      }
      waiting_.push_back(tried.architecture);
    }
  }
  std::reverse(waiting_.begin(), waiting_.end());  // the best one is evaluated first
  tried_.clear();
  if (waiting_.empty()) sizes_.clear();
}

void BracketScheduler::Observe(const Proposal& proposal, absl::Span<const double> objectives,
                               TrialStrategy& strategy) {
  budget_ -= proposal.fidelity;
  tried_.push_back({proposal.architecture, objectives[0]});
  if (rung_ == 0) strategy.Observe(proposal.architecture, objectives);
}

}  // namespace nasc
