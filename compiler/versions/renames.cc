#include "compiler/versions/renames.h"

#include <algorithm>
#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nasc {
namespace {

using Parts = std::vector<std::string>;

bool BeginsAt(const Parts& parts, size_t at, const Parts& beginning) {
  return at + beginning.size() <= parts.size() &&
         std::equal(beginning.begin(), beginning.end(), parts.begin() + static_cast<long>(at));
}

}  // namespace

bool IsName(absl::string_view name, const std::vector<ir::Decision>& decisions) {
  const Parts whole = absl::StrSplit(name, '.');
  const Parts before(whole.begin(), whole.end() - 1);
  return absl::c_any_of(decisions, [&](const ir::Decision& decision) {
    const Parts parts = absl::StrSplit(decision.path, '.');
    if (!BeginsAt(parts, 0, before)) return false;
    return std::find(parts.begin() + static_cast<long>(before.size()), parts.end(), whole.back()) !=
               parts.end() ||
           absl::c_linear_search(decision.options, whole.back());
  });
}

std::vector<Rename> Renames::Since(const std::vector<Rename>& before,
                                   const std::vector<Rename>& after) {
  std::vector<Rename> since;
  for (const Rename& rename : after) {
    if (!absl::c_linear_search(before, rename)) since.push_back(rename);
  }
  return since;
}

Renames::Renames(const std::vector<Rename>& renames, const std::vector<ir::Decision>& decisions) {
  std::vector<Rename> chained;
  for (const Rename& rename : renames) {
    // What the old version does not have is what a line before calls so: both are newer.
    const auto before =
        IsName(rename.from, decisions)
            ? chained.end()
            : absl::c_find_if(chained, [&](const Rename& each) { return each.to == rename.from; });
    if (before == chained.end()) {
      chained.push_back(rename);
    } else {
      before->to = rename.to;
    }
  }
  for (const Rename& rename : chained) {
    Rule rule;
    rule.from = absl::StrSplit(rename.from, '.');
    rule.to = absl::StrSplit(rename.to, '.');
    rule.before.assign(rule.from.begin(), rule.from.end() - 1);
    rule.in_place = rule.from.size() == rule.to.size() &&
                    std::equal(rule.before.begin(), rule.before.end(), rule.to.begin());
    rules_.push_back(std::move(rule));
  }
  for (const ir::Decision& decision : decisions) {
    std::string cell = decision.path.substr(0, decision.path.find('.'));
    if (!absl::c_linear_search(cells_, cell)) cells_.push_back(std::move(cell));
  }
}

Parts Renames::Apply(const Parts& parts, bool anywhere) const {
  Parts bare = parts;  // cells without their numbers
  Parts numbers(parts.size());
  for (size_t i = 0; anywhere && i < parts.size(); ++i) {
    const size_t end = parts[i].find_last_not_of("0123456789") + 1;
    if (end == parts[i].size() || !absl::c_linear_search(cells_, parts[i].substr(0, end))) continue;
    numbers[i] = parts[i].substr(end);
    bare[i].resize(end);
  }
  Parts renamed = bare;
  // Every rule reads the old names, so that two of them can exchange names.
  const size_t last = anywhere ? parts.size() : 1;
  for (const Rule& rule : rules_) {
    for (size_t at = 0; rule.in_place && at < last; ++at) {
      if (!BeginsAt(bare, at, rule.before)) continue;
      for (size_t i = at + rule.before.size(); i < parts.size(); ++i) {
        if (bare[i] == rule.from.back()) renamed[i] = rule.to.back();
      }
      break;
    }
  }
  for (size_t i = 0; i < parts.size(); ++i) renamed[i] += numbers[i];
  for (const Rule& rule : rules_) {
    for (size_t at = 0; !rule.in_place && at < last; ++at) {
      if (!BeginsAt(bare, at, rule.from)) continue;
      const auto begin = renamed.begin() + static_cast<long>(at);
      const std::string number = numbers[at];
      auto moved = renamed.erase(begin, begin + static_cast<long>(rule.from.size()));
      moved = renamed.insert(moved, rule.to.begin(), rule.to.end());
      *moved += number;
      return renamed;
    }
  }
  return renamed;
}

std::string Renames::Path(absl::string_view path) const {
  return absl::StrJoin(Apply(absl::StrSplit(path, '.'), /*anywhere=*/false), ".");
}

std::string Renames::Option(absl::string_view path, absl::string_view option) const {
  const Parts parts = absl::StrSplit(path, '.');
  for (const Rule& rule : rules_) {
    if (rule.in_place && option == rule.from.back() && BeginsAt(parts, 0, rule.before)) {
      return rule.to.back();
    }
  }
  return std::string(option);
}

std::string Renames::Name(absl::string_view name) const {
  return absl::StrJoin(Apply(absl::StrSplit(name, '.'), /*anywhere=*/true), ".");
}

}  // namespace nasc
