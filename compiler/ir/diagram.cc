#include "compiler/ir/diagram.h"

namespace nasc::ir {
namespace {

using Leaf = std::optional<bool>;

bool FindWay(const Condition& condition, absl::flat_hash_set<const void*>& seen, Assignment& way) {
  if (condition.is_leaf()) return condition.maybe_leaf().value_or(false);
  if (!seen.insert(condition.identity()).second) return false;
  for (size_t i = 0; i < condition.branches().size(); ++i) {
    way.emplace_back(condition.variable(), static_cast<int>(i));
    if (FindWay(condition.branches()[i], seen, way)) return true;
    way.pop_back();
  }
  return false;
}

}  // namespace

absl::StatusOr<Condition> And(const Condition& a, const Condition& b, size_t most) {
  return DiagramApplier<bool, bool, bool>(
             [](const Leaf& x, const Leaf& y) -> absl::StatusOr<Leaf> {
               return Leaf(x.value_or(false) && y.value_or(false));
             },
             most, nullptr, false)
      .Apply(a, b);
}

absl::StatusOr<Condition> Or(const Condition& a, const Condition& b, size_t most) {
  return DiagramApplier<bool, bool, bool>(
             [](const Leaf& x, const Leaf& y) -> absl::StatusOr<Leaf> {
               return Leaf(x.value_or(false) || y.value_or(false));
             },
             most, nullptr, true)
      .Apply(a, b);
}

absl::StatusOr<Condition> Not(const Condition& a) {
  return ApplyToLeaves<bool, bool, bool>(
      a, Condition(true),
      [](const Leaf& x, const Leaf&) -> absl::StatusOr<Leaf> { return Leaf(!x.value_or(true)); });
}

std::optional<Assignment> Witness(const Condition& condition) {
  absl::flat_hash_set<const void*> seen;
  Assignment way;
  if (!FindWay(condition, seen, way)) return std::nullopt;
  return way;
}

}  // namespace nasc::ir
