#include "compiler/versions/space_map.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nasc {

SpaceMap::SpaceMap(const ir::Graph& old_supernet, const ir::Graph& new_supernet,
                   const Renames& renames)
    : old_(old_supernet), new_(new_supernet) {
  absl::flat_hash_map<std::string, int> by_path;
  for (size_t e = 0; e < new_.decisions.size(); ++e) {
    by_path[new_.decisions[e].path] = static_cast<int>(e);
    old_option_.emplace_back(new_.decisions[e].options.size(), kNone);
  }
  old_decision_.assign(new_.decisions.size(), kNone);
  for (size_t d = 0; d < old_.decisions.size(); ++d) {
    const ir::Decision& decision = old_.decisions[d];
    new_option_.emplace_back(decision.options.size(), kNone);
    const auto found = by_path.find(renames.Path(decision.path));
    // Of two that have the same new name the first has it.
    if (found == by_path.end() || old_decision_[found->second] != kNone) {
      new_decision_.push_back(kNone);
      continue;
    }
    const int e = found->second;
    new_decision_.push_back(e);
    old_decision_[e] = static_cast<int>(d);
    for (size_t o = 0; o < decision.options.size(); ++o) {
      const std::string name = renames.Option(decision.path, decision.options[o]);
      const auto option = absl::c_find(new_.decisions[e].options, name);
      if (option == new_.decisions[e].options.end()) continue;
      const auto p = option - new_.decisions[e].options.begin();
      if (old_option_[e][p] != kNone) continue;
      new_option_[d][o] = static_cast<int>(p);
      old_option_[e][p] = static_cast<int>(o);
    }
  }
}

absl::StatusOr<Architecture> SpaceMap::Translate(const Architecture& architecture) const {
  Architecture translated;
  translated.picks.resize(new_.decisions.size());
  for (size_t d = 0; d < old_.decisions.size(); ++d) {
    const ir::Decision& decision = old_.decisions[d];
    if (!IsAlive(decision, architecture)) continue;
    const int e = new_decision_[d];
    if (e == kNone) {
      return absl::NotFoundError(absl::StrCat("decision ", decision.path, " is gone"));
    }
    for (const int pick : architecture.picks[d]) {
      const int option = new_option_[d][pick];
      if (option == kNone || new_.decisions[e].relaxed_only[option]) {
        return absl::NotFoundError(
            absl::StrCat("option ", decision.options[pick], " of ", decision.path, " is gone"));
      }
      translated.picks[e].push_back(option);
    }
    absl::c_sort(translated.picks[e]);
    const auto count = static_cast<int>(translated.picks[e].size());
    if (count < new_.decisions[e].least || count > new_.decisions[e].most) {
      return absl::NotFoundError(absl::StrCat(new_.decisions[e].path, " takes ",
                                              new_.decisions[e].least, " to ",
                                              new_.decisions[e].most, " options now, not ", count));
    }
  }
  for (size_t e = 0; e < new_.decisions.size(); ++e) {
    const bool has_value =
        old_decision_[e] != kNone && IsAlive(old_.decisions[old_decision_[e]], architecture);
    if (IsAlive(new_.decisions[e], translated) == has_value) continue;
    return absl::NotFoundError(absl::StrCat(
        "decision ", new_.decisions[e].path,
        has_value ? " has no value any more in such a network" : " is new and has no value"));
  }
  for (const ir::Constraint& constraint : new_.constraints) {
    if (Fulfils(translated, constraint)) continue;
    return absl::NotFoundError(absl::StrCat("it does not fulfil `", constraint.text, "`"));
  }
  return translated;
}

namespace {

template <typename Leaf>
class OldDecisions {
 public:
  explicit OldDecisions(const SpaceMap& map) : map_(map) {}

  absl::StatusOr<ir::Diagram<Leaf>> Of(const ir::Diagram<Leaf>& diagram) {
    if (const auto it = done_.find(diagram.identity()); it != done_.end()) return it->second;
    absl::StatusOr<ir::Diagram<Leaf>> result = Compute(diagram);
    if (result.ok()) done_.emplace(diagram.identity(), *result);
    return result;
  }

 private:
  absl::StatusOr<ir::Diagram<Leaf>> Compute(const ir::Diagram<Leaf>& diagram) {
    if (diagram.is_leaf()) return diagram;
    const ir::Variable& variable = diagram.variable();
    const int d = map_.OldDecision(variable.decision);
    ir::Diagram<Leaf> result = ir::Diagram<Leaf>::Undefined();
    if (d == SpaceMap::kNone) return result;
    const ir::Decision& old_decision = map_.old_supernet().decisions[d];
    for (size_t branch = 0; branch < diagram.branches().size(); ++branch) {
      // Of a choice the branch is the option; of a subset it says whether the option is taken.
      const bool choice = variable.option < 0;
      const int option =
          map_.OldOption(variable.decision, choice ? static_cast<int>(branch) : variable.option);
      const bool wanted = choice || branch == 1;
      if (option == SpaceMap::kNone && wanted) continue;
      absl::StatusOr<ir::Condition> when =
          option == SpaceMap::kNone ? ir::Condition(false) : ir::Takes(old_decision, d, option);
      if (!wanted) when = ir::Not(*when);
      if (!when.ok()) return when.status();
      absl::StatusOr<ir::Diagram<Leaf>> value = Of(diagram.branches()[branch]);
      if (value.ok()) value = ir::Restrict(*value, *when);
      if (value.ok()) {
        value = ir::ApplyToLeaves<Leaf, Leaf, Leaf>(
            result, *value, [](const std::optional<Leaf>& a, const std::optional<Leaf>& b) {
              return absl::StatusOr<std::optional<Leaf>>(a.has_value() ? a : b);
            });
      }
      if (!value.ok()) return value.status();
      result = *std::move(value);
    }
    return result;
  }

  const SpaceMap& map_;
  absl::flat_hash_map<const void*, ir::Diagram<Leaf>> done_;
};

}  // namespace

template <typename Leaf>
absl::StatusOr<ir::Diagram<Leaf>> InOldDecisions(const ir::Diagram<Leaf>& diagram,
                                                 const SpaceMap& map) {
  return OldDecisions<Leaf>(map).Of(diagram);
}

template absl::StatusOr<ir::Diagram<bool>> InOldDecisions(const ir::Diagram<bool>& diagram,
                                                          const SpaceMap& map);
template absl::StatusOr<ir::Diagram<int64_t>> InOldDecisions(const ir::Diagram<int64_t>& diagram,
                                                             const SpaceMap& map);

absl::StatusOr<ir::Dim> InOldDecisions(const ir::Dim& dim, const SpaceMap& map) {
  if (!dim.is_open()) return dim;
  ir::DimSum sum;
  sum.Add(ir::Dim(dim.constant()));
  for (const ir::Diagram<int64_t>& term : dim.terms()) {
    absl::StatusOr<ir::Diagram<int64_t>> old_term = InOldDecisions(term, map);
    if (!old_term.ok()) return old_term.status();
    sum.AddApart(*std::move(old_term));
  }
  return sum.TakeApart();
}

}  // namespace nasc
