#include "compiler/algebra/distinct_functions.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/draw.h"
#include "compiler/space_size.h"

namespace nasc {
namespace {

using ArchitectureHash = std::function<Hash128(const Architecture&)>;
using Classes = absl::flat_hash_map<Hash128, uint64_t>;  // architectures a function

FunctionCount Exact(const Classes& classes, uint64_t architectures) {
  FunctionCount count;
  count.functions = static_cast<double>(classes.size());
  count.architectures = architectures;
  return count;
}

// Chao and Lin, Biometrics 2012: the number of classes from how many were seen once and twice in a
// sample without replacement; for a small part of the space it is Chao's number of 1984. The error
// takes both counts as Poisson.
FunctionCount Estimate(const Classes& classes, uint64_t architectures, double space) {
  double once = 0;
  double twice = 0;
  for (const auto& [hash, seen] : classes) {
    once += seen == 1;
    twice += seen == 2;
  }
  FunctionCount count;
  count.architectures = architectures;
  const auto drawn = static_cast<double>(architectures);
  if (once == drawn) {
    // Where so many ordered pairs of all architectures compute the same, a sample holds none with
    // 5%. They cost most functions in classes of two; Cauchy and Schwarz bound what is left where
    // classes are large.
    const double equal_pairs = 2 * std::log(20) * space / drawn * space / drawn;
    count.kind = FunctionCount::Kind::kBetween;
    count.functions = std::max(space - equal_pairs / 2, space / (1 + equal_pairs / space));
    count.most = space;
    return count;
  }
  count.kind = FunctionCount::Kind::kEstimate;
  const double ratio = drawn / std::max(space - drawn, 1.0);
  const double unseen_by = 2 * (twice + 1) + ratio * once;
  const double pairs = once * (once - 1);
  count.functions = static_cast<double>(classes.size()) + pairs / unseen_by;
  const double by_once = (2 * once - 1) / unseen_by - pairs * ratio / (unseen_by * unseen_by);
  const double by_twice = 2 * pairs / (unseen_by * unseen_by);
  count.error = std::sqrt(by_once * by_once * once + by_twice * by_twice * twice);
  return count;
}

std::string GroupOf(const ir::Decision& decision) {
  return decision.path.substr(0, decision.path.find('.'));
}

// Counts what some of the decisions of a space make, while the others keep the values of `base`.
class Counter {
 public:
  Counter(const ir::Graph& supernet, const ArchitectureHash& hash,
          const FunctionCountOptions& options)
      : supernet_(supernet), hash_(hash), options_(options) {}

  FunctionCount Count(const std::vector<ir::Decision>& decisions, uint64_t samples) {
    const SpaceSize size = CountArchitectures(decisions, supernet_.constraints);
    Classes classes;
    uint64_t seen = 0;
    if (size.exact && size.count <= options_.enumerate) {
      ForEachArchitecture(decisions, supernet_.constraints, [&](const Architecture& architecture) {
        ++classes[hash_(architecture)];
        ++seen;
        return true;
      });
      return Exact(classes, seen);
    }
    absl::flat_hash_set<std::string> drawn;  // the same architecture twice says nothing
    for (uint64_t tries = 0; seen < samples && tries < 20 * samples; ++tries) {
      const Architecture architecture =
          DrawArchitecture(decisions, [&](uint64_t n) { return random_() % n; }).architecture;
      if (!Fulfils(architecture, supernet_.constraints)) continue;
      if (!drawn.insert(Key(architecture)).second) continue;
      ++classes[hash_(architecture)];
      ++seen;
    }
    return Estimate(classes, seen, size.count.get_d());
  }

  // The decisions with one value each, that of the architecture, unless they are of the group.
  std::vector<ir::Decision> Held(const Architecture& base, const std::string& group) const {
    std::vector<ir::Decision> decisions = supernet_.decisions;
    for (size_t d = 0; d < decisions.size(); ++d) {
      ir::Decision& decision = decisions[d];
      if (GroupOf(decision) == group || !IsAlive(decision, base)) continue;
      const std::vector<int>& picks = base.picks[d];
      for (size_t i = 0; i < decision.options.size(); ++i) {
        decision.relaxed_only[i] = !absl::c_linear_search(picks, static_cast<int>(i));
      }
      decision.least = decision.most = static_cast<int>(picks.size());
    }
    return decisions;
  }

  std::optional<Architecture> Base() {
    for (uint64_t tries = 0; tries < options_.samples; ++tries) {
      Architecture base = DrawArchitecture(supernet_.decisions, [&](uint64_t n) {
                            return random_() % n;
                          }).architecture;
      if (Fulfils(base, supernet_.constraints)) return base;
    }
    return std::nullopt;
  }

 private:
  static std::string Key(const Architecture& architecture) {
    std::string key;
    for (const std::vector<int>& picks : architecture.picks) {
      for (const int pick : picks) absl::StrAppend(&key, pick, ",");
      key += ';';
    }
    return key;
  }

  const ir::Graph& supernet_;
  const ArchitectureHash& hash_;
  const FunctionCountOptions& options_;
  std::mt19937_64 random_{1};
};

}  // namespace

std::string FunctionCount::ToString() const {
  switch (kind) {
    case Kind::kExact:
      return absl::StrFormat("%.0f", functions);
    case Kind::kEstimate:
      return absl::StrFormat("%.3g +- %.1g", functions, error);
    case Kind::kBetween:
      return absl::StrFormat("%.3g to %.3g (95%%)", functions, most);
  }
  return "";
}

DistinctFunctions CountFunctions(const ir::Graph& supernet, const ArchitectureHash& hash,
                                 const FunctionCountOptions& options) {
  Counter counter(supernet, hash, options);
  DistinctFunctions distinct;
  distinct.all = counter.Count(supernet.decisions, options.samples);
  if (distinct.all.kind == FunctionCount::Kind::kExact) return distinct;
  std::vector<std::string> groups;
  for (const ir::Decision& decision : supernet.decisions) {
    if (!absl::c_linear_search(groups, GroupOf(decision))) groups.push_back(GroupOf(decision));
  }
  if (groups.size() < 2) return distinct;
  const std::optional<Architecture> base = counter.Base();
  if (!base.has_value()) return distinct;
  for (const std::string& group : groups) {
    distinct.groups.push_back(
        {group, counter.Count(counter.Held(*base, group), options.group_samples)});
  }
  return distinct;
}

}  // namespace nasc
