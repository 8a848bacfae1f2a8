#include "strategies/migrate/carried.h"

#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

struct Counts {
  std::map<Fate, int64_t> fates;
  // The reasons with the first that was lost by each.
  std::map<std::string, std::pair<int64_t, std::string>> reasons;
};

}  // namespace

const char* NameOf(Fate fate) {
  switch (fate) {
    case Fate::kKept:
      return "kept";
    case Fate::kRemapped:
      return "remapped";
    case Fate::kLost:
      return "lost";
  }
  return "";
}

std::string CarriedText(const Carried& carried) {
  std::vector<std::string> kinds;  // in the order in which they were carried
  std::map<std::string, Counts> counts;
  for (const CarriedItem& item : carried) {
    if (!absl::c_linear_search(kinds, item.kind)) kinds.push_back(item.kind);
    Counts& of_kind = counts[item.kind];
    ++of_kind.fates[item.fate];
    if (item.fate != Fate::kLost) continue;
    auto& [count, first] = of_kind.reasons[item.why];
    if (++count == 1) first = item.name;
  }
  std::string text;
  for (const std::string& kind : kinds) {
    Counts& of_kind = counts[kind];
    absl::StrAppend(&text, kind, ": ", of_kind.fates[Fate::kKept], " kept, ",
                    of_kind.fates[Fate::kRemapped], " remapped, ", of_kind.fates[Fate::kLost],
                    " lost\n");
    for (const auto& [reason, lost] : of_kind.reasons) {
      const auto& [count, first] = lost;
      absl::StrAppend(&text, "  ", count, " lost: ", reason, " (", first, count > 1 ? ", ..." : "",
                      ")\n");
    }
  }
  return text;
}

}  // namespace nasc
