#include "compiler/inherit/match_names.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

using Path = std::vector<std::string>;

Path PathOf(absl::string_view name) { return absl::StrSplit(name, '.'); }
std::string NameOf(const Path& path) { return absl::StrJoin(path, "."); }

// The number of a part that is one of several for the depth alone: "cell3", "step0".
std::optional<int> DepthNumber(absl::string_view part) {
  int number = 0;
  const bool counts = absl::ConsumePrefix(&part, "cell") || absl::ConsumePrefix(&part, "step");
  if (counts && absl::SimpleAtoi(part, &number)) return number;
  return std::nullopt;
}

std::string Stem(absl::string_view part) {
  while (!part.empty() && absl::ascii_isdigit(part.back())) part.remove_suffix(1);
  return std::string(part);
}

// All names of a network as a tree of their parts.
class NameTree {
 public:
  explicit NameTree(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const Path path = PathOf(name);
      std::string prefix;
      for (const std::string& part : path) {
        if (const std::optional<int> number = DepthNumber(part)) {
          numbers_[absl::StrCat(prefix, Stem(part))].insert(*number);
        }
        absl::StrAppend(&prefix, part, ".");
        prefixes_.insert(prefix);
      }
    }
  }

  // With a dot behind every part.
  bool Has(const std::string& prefix) const { return prefixes_.count(prefix) > 0; }

  // The numbers of cells or steps below a prefix.
  std::vector<int> Numbers(const std::string& prefix, const std::string& stem) const {
    const auto it = numbers_.find(prefix + stem);
    return it == numbers_.end() ? std::vector<int>()
                                : std::vector<int>(it->second.begin(), it->second.end());
  }

 private:
  std::map<std::string, std::set<int>> numbers_;
  std::set<std::string> prefixes_;
};

class DepthMap {
 public:
  DepthMap(const NameTree& child, const NameTree& donor, bool nearest)
      : child_(child), donor_(donor), nearest_(nearest) {}

  // The donor's path for a child's, whole or the beginning of a name.
  std::optional<Path> Map(const Path& path) const {
    Path mapped;
    return Extend(path, 0, "", "", mapped) ? std::make_optional(mapped) : std::nullopt;
  }

  // The same of a place that the donor need not have: what comes after the cell keeps its name.
  Path Near(const Path& place) const {
    for (size_t length = place.size(); length > 0; --length) {
      const auto rest = place.begin() + static_cast<Path::difference_type>(length);
      std::optional<Path> mapped = Map(Path(place.begin(), rest));
      if (!mapped.has_value()) continue;
      mapped->insert(mapped->end(), rest, place.end());
      return *mapped;
    }
    return place;
  }

  // Whether it is of a cell or a step that the donor has fewer of.
  bool IsBeyond(const Path& path) const {
    std::string prefix;
    for (const std::string& part : path) {
      if (const std::optional<int> number = DepthNumber(part)) {
        const std::vector<int> theirs = donor_.Numbers(prefix, Stem(part));
        if (!nearest_ && !absl::c_linear_search(theirs, *number)) return true;
      }
      absl::StrAppend(&prefix, part, ".");
    }
    return false;
  }

 private:
  bool Extend(const Path& path, size_t i, const std::string& child_prefix,
              const std::string& donor_prefix, Path& mapped) const {
    if (i == path.size()) return donor_.Has(donor_prefix);
    for (const std::string& part : Candidates(path[i], child_prefix, donor_prefix)) {
      const std::string extended = absl::StrCat(donor_prefix, part, ".");
      if (!donor_.Has(extended)) continue;
      mapped.push_back(part);
      if (Extend(path, i + 1, absl::StrCat(child_prefix, path[i], "."), extended, mapped)) {
        return true;
      }
      mapped.pop_back();
    }
    return false;
  }

  std::vector<std::string> Candidates(const std::string& part, const std::string& child_prefix,
                                      const std::string& donor_prefix) const {
    const std::optional<int> number = DepthNumber(part);
    if (!nearest_ || !number.has_value()) return {part};
    const std::string stem = Stem(part);
    const std::vector<int> ours = child_.Numbers(child_prefix, stem);
    std::vector<int> theirs = donor_.Numbers(donor_prefix, stem);
    if (theirs.empty()) return {part};
    const int64_t rank = absl::c_find(ours, *number) - ours.begin();
    const auto n = static_cast<int64_t>(ours.size());
    const auto m = static_cast<int64_t>(theirs.size());
    const int wanted = theirs[(2 * rank + 1) * m / (2 * n)];
    absl::c_stable_sort(
        theirs, [wanted](int a, int b) { return std::abs(a - wanted) < std::abs(b - wanted); });
    std::vector<std::string> parts;
    for (const int candidate : theirs) parts.push_back(absl::StrCat(stem, candidate));
    return parts;
  }

  const NameTree& child_;
  const NameTree& donor_;
  bool nearest_;
};

// "stage0.cell0.normal.n0.prev" + "sep_conv_3x3" + "conv1.weight"
struct SplitName {
  Path place;
  std::string operation;
  std::string rest;
};

std::optional<SplitName> Split(const std::string& name, const std::set<std::string>& operations) {
  const Path path = PathOf(name);
  for (size_t i = 1; i + 1 < path.size(); ++i) {
    if (operations.count(path[i]) == 0) continue;
    return SplitName{Path(path.begin(), path.begin() + i), path[i],
                     NameOf(Path(path.begin() + i + 1, path.end()))};
  }
  return std::nullopt;
}

// The weights of operations by place, operation, and what follows.
using Operation = std::set<std::string>;
using Place = std::map<std::string, Operation>;
using Places = std::map<Path, Place>;

Places PlacesOf(const std::vector<std::string>& names, const std::set<std::string>& operations) {
  Places places;
  for (const std::string& name : names) {
    if (const std::optional<SplitName> split = Split(name, operations)) {
      places[split->place][split->operation].insert(split->rest);
    }
  }
  return places;
}

bool Includes(const Operation& all, const Operation& part) {
  return !part.empty() && absl::c_includes(all, part);
}

size_t CommonParts(const Path& a, const Path& b) {
  const size_t length = std::min(a.size(), b.size());
  size_t common = 0;
  while (common < length && a[common] == b[common]) ++common;
  return common;
}

class Matcher {
 public:
  Matcher(const std::vector<std::string>& child, const std::vector<std::string>& donor,
          const MatchOptions& options)
      : names_(child),
        child_tree_(child),
        donor_tree_(donor),
        depth_(child_tree_, donor_tree_, options.nearest),
        child_(PlacesOf(child, options.operations)),
        donor_(PlacesOf(donor, options.operations)) {}

  std::map<std::string, NameMatch> Match() {
    for (const std::string& name : names_) {
      const std::optional<Path> mapped = depth_.Map(PathOf(name));
      if (!mapped.has_value()) continue;
      const std::string from = NameOf(*mapped);
      matches_[name] = {from, from == name ? NameRule::kSame : NameRule::kOtherCell};
    }
    for (const auto& [place, operations] : child_) {
      for (const auto& [operation, weights] : operations) {
        if (depth_.IsBeyond(place) || AnyMatched(place, operation, weights)) continue;
        Substitute(place, operation, weights);
      }
    }
    return std::move(matches_);
  }

 private:
  static std::string NameIn(const Path& place, const std::string& operation,
                            const std::string& rest) {
    return absl::StrCat(NameOf(place), ".", operation, ".", rest);
  }

  bool AnyMatched(const Path& place, const std::string& operation, const Operation& weights) const {
    return absl::c_any_of(weights, [&](const std::string& rest) {
      return matches_.count(NameIn(place, operation, rest)) > 0;
    });
  }

  void Take(const Path& place, const std::string& operation, const Path& from,
            const std::string& other, NameRule rule) {
    for (const std::string& rest : donor_.at(from).at(other)) {
      matches_[NameIn(place, operation, rest)] = {NameIn(from, other, rest), rule};
    }
    ++taken_[{from, other}];
  }

  // What an operation inherits that the donor has not at that place.
  void Substitute(const Path& place, const std::string& operation, const Operation& weights) {
    const Path near = depth_.Near(place);
    if (const auto there = donor_.find(near); there != donor_.end()) {
      for (const auto& [other, theirs] : there->second) {
        if (!Includes(weights, theirs)) continue;
        Take(place, operation, near, other, NameRule::kOtherOperation);
        return;
      }
    }
    // The nearest place, of those as near one that fewest inherit from.
    const Path* best = nullptr;
    std::pair<size_t, int> best_rank;
    for (const auto& [from, operations] : donor_) {
      const auto same = operations.find(operation);
      const size_t common = CommonParts(from, near);
      if (common == 0 || same == operations.end() || !Includes(weights, same->second)) continue;
      const auto taken = taken_.find({from, operation});
      const std::pair<size_t, int> rank = {common, taken == taken_.end() ? 0 : -taken->second};
      if (best == nullptr || rank > best_rank) {
        best = &from;
        best_rank = rank;
      }
    }
    if (best != nullptr) Take(place, operation, *best, operation, NameRule::kOtherPlace);
  }

  const std::vector<std::string>& names_;
  NameTree child_tree_;
  NameTree donor_tree_;
  DepthMap depth_;
  Places child_;
  Places donor_;
  std::map<std::string, NameMatch> matches_;
  std::map<std::pair<Path, std::string>, int> taken_;
};

}  // namespace

std::map<std::string, NameMatch> MatchNames(const std::vector<std::string>& child,
                                            const std::vector<std::string>& donor,
                                            const MatchOptions& options) {
  return Matcher(child, donor, options).Match();
}

}  // namespace nasc
