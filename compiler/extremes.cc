#include "compiler/extremes.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "compiler/frontier.h"
#include "compiler/local_search.h"
#include "compiler/lower_bound.h"

namespace nasc {
namespace {

using Number = ir::Diagram<int64_t>;

constexpr size_t kMostStates = 1000;

// What the walk knows: the least sum so far.
struct LeastValue {
  int64_t sum = 0;
  static LeastValue Start() { return {0}; }
  void Merge(const LeastValue& other) { sum = std::min(sum, other.sum); }
  void Add(int64_t more) { sum = SaturatedSum(sum, more); }
  void Take(size_t) {}
};

int64_t ValueAt(const ir::Dim& sum, const Architecture& architecture) {
  const ir::Pick pick = [&](const ir::Variable& variable) {
    return BranchTaken(architecture, variable);
  };
  int64_t value = sum.constant();
  for (const Number& term : sum.terms()) {
    value = SaturatedSum(value, ir::At(term, pick).value_or(0));
  }
  return value;
}

// The least cost of an architecture, which is at least the sum, or that where there is no cost. The
// sum by a walk over all architectures; where those are too many to be told apart, by a bound.
// Nothing where no architecture fulfils the constraints.
std::optional<Extreme> LeastOf(const ir::Dim& sum, const ArchitectureCost& cost,
                               const std::vector<ir::Decision>& decisions,
                               const std::vector<ir::Constraint>& constraints) {
  Frontier<LeastValue> frontier(decisions);
  frontier.AddObjective(sum);
  for (const ir::Constraint& constraint : constraints) frontier.AddConstraint(constraint);
  frontier.KeepLeast([](const LeastValue& value) { return value.sum; });
  const auto walked = frontier.Walk(kMostStates);
  if (walked.ok() && !walked->has_value()) return std::nullopt;
  if (walked.ok() && cost == nullptr) return Extreme{(*walked)->sum, (*walked)->sum};
  const LowerBound lower = LowerBoundOf(sum, decisions);
  const int64_t bound = walked.ok() ? (*walked)->sum : lower.bound;
  const ArchitectureCost known = cost != nullptr ? cost : [&](const Architecture& architecture) {
    return ValueAt(sum, architecture);
  };
  return Extreme{bound, SearchLeast(known, bound, lower.likely, decisions, constraints)};
}

int64_t Negative(int64_t number) { return number == INT64_MIN ? INT64_MAX : -number; }

ir::Dim Negative(const ir::Dim& sum) {
  ir::DimSum negative;
  negative.Add(ir::Dim(Negative(sum.constant())));
  for (const Number& term : sum.terms()) {
    // No more nodes than before.
    negative.AddApart(*ir::ApplyToLeaves<int64_t, int64_t, bool>(
        term, ir::Condition(true),
        [](const std::optional<int64_t>& leaf, const std::optional<bool>&) {
          return absl::StatusOr<std::optional<int64_t>>(
              leaf.has_value() ? std::optional<int64_t>(Negative(*leaf)) : std::nullopt);
        },
        std::numeric_limits<size_t>::max() / 16));
  }
  return negative.Take();
}

}  // namespace

std::optional<Extremes> ExtremesBetween(const ir::Dim& least, const ir::Dim& most,
                                        const ArchitectureCost& cost,
                                        const std::vector<ir::Decision>& decisions,
                                        const std::vector<ir::Constraint>& constraints) {
  if (least.is_too_complex() || most.is_too_complex()) {
    return Extremes{{0, std::nullopt}, {INT64_MAX, std::nullopt}};
  }
  const ArchitectureCost negative = [&](const Architecture& architecture) {
    return Negative(cost(architecture));
  };
  const auto low = LeastOf(least, cost, decisions, constraints);
  const auto high =
      LeastOf(Negative(most), cost == nullptr ? nullptr : negative, decisions, constraints);
  if (!low.has_value() || !high.has_value()) return std::nullopt;
  Extreme greatest = {Negative(high->bound), high->found};
  if (greatest.found.has_value()) greatest.found = Negative(*greatest.found);
  return Extremes{*low, greatest};
}

std::optional<Extremes> ExtremesOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints) {
  return ExtremesBetween(sum, sum, nullptr, decisions, constraints);
}

}  // namespace nasc
