#include "compiler/versions/translation.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nasc {

absl::StatusOr<Architecture> Translation::Of(const Architecture& architecture) const {
  absl::StatusOr<Architecture> translated = map_.Translate(architecture);
  if (!translated.ok()) return translated;
  const auto pick = [&](const ir::Variable& variable) {
    return BranchTaken(architecture, variable);
  };
  for (const Change& change : changes_) {
    if (!ir::At(change.when, pick).value_or(false)) continue;
    // Which may be of more than it says.
    const absl::StatusOr<std::optional<Change>> difference =
        DifferenceOf(architecture, map_.old_supernet(), *translated, map_.new_supernet(), renames_);
    if (!difference.ok()) return difference.status();
    if (!difference->has_value()) break;
    const bool candidate = change.decision != SpaceMap::kNone;
    const std::string at =
        candidate ? map_.old_supernet().decisions[change.decision].options[change.option]
                  : change.at;
    return absl::NotFoundError(
        absl::StrCat("it computes something else now: ", at, ", ", change.what));
  }
  return translated;
}

}  // namespace nasc
