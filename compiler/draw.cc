#include "compiler/draw.h"

#include <utility>

#include "absl/algorithm/container.h"

namespace nasc {
namespace {

std::vector<int> Allowed(const ir::Decision& decision) {
  std::vector<int> allowed;
  for (size_t i = 0; i < decision.options.size(); ++i) {
    if (!decision.relaxed_only[i]) allowed.push_back(static_cast<int>(i));
  }
  return allowed;
}

// How many sets of 0 to n of n options there are, by size.
std::vector<double> SetsBySize(int n) {
  std::vector<double> sets = {1};
  for (int k = 1; k <= n; ++k) sets.push_back(sets.back() * (n - k + 1) / k);
  return sets;
}

// A size, as likely as there are sets of it among all that are allowed; `total` is their number.
int DrawSize(const std::vector<double>& sets, const ir::Decision& decision,
             const std::function<uint64_t(uint64_t)>& below, double& total) {
  total = 0;
  for (int k = decision.least; k <= decision.most; ++k) total += sets[k];
  if (decision.least == decision.most) return decision.most;
  constexpr uint64_t kSteps = uint64_t{1} << 53;
  double at = static_cast<double>(below(kSteps)) / static_cast<double>(kSteps) * total;
  for (int k = decision.least; k < decision.most; ++k) {
    if (at < sets[k]) return k;
    at -= sets[k];
  }
  return decision.most;
}

class Enumeration {
 public:
  Enumeration(const std::vector<ir::Decision>& decisions,
              const std::vector<ir::Constraint>& constraints,
              const std::function<bool(const Architecture&)>& visit)
      : decisions_(decisions), constraints_(constraints), visit_(visit) {
    architecture_.picks.resize(decisions.size());
    for (const ir::Decision& decision : decisions) allowed_.push_back(Allowed(decision));
  }

  // Every value of the decisions from d on; false once `visit` wants no more.
  bool From(size_t d) {
    if (d == decisions_.size()) {
      return !Fulfils(architecture_, constraints_) || visit_(architecture_);
    }
    architecture_.picks[d].clear();
    if (!IsAlive(decisions_[d], architecture_)) return From(d + 1);
    return Options(d, 0);
  }

 private:
  // Every set of options that adds to the picks some of those from `next` on.
  bool Options(size_t d, size_t next) {
    const ir::Decision& decision = decisions_[d];
    const auto taken = static_cast<int>(architecture_.picks[d].size());
    if (taken >= decision.least && !From(d + 1)) return false;
    if (taken == decision.most) return true;
    for (size_t i = next; i < allowed_[d].size(); ++i) {
      architecture_.picks[d].push_back(allowed_[d][i]);
      const bool more = Options(d, i + 1);
      architecture_.picks[d].resize(taken);
      if (!more) return false;
    }
    return true;
  }

  const std::vector<ir::Decision>& decisions_;
  const std::vector<ir::Constraint>& constraints_;
  const std::function<bool(const Architecture&)>& visit_;
  std::vector<std::vector<int>> allowed_;
  Architecture architecture_;
};

}  // namespace

DrawnPicks DrawPicks(const ir::Decision& decision, const std::function<uint64_t(uint64_t)>& below) {
  DrawnPicks drawn;
  drawn.picks = Allowed(decision);
  const size_t allowed = drawn.picks.size();
  const int take = DrawSize(SetsBySize(static_cast<int>(allowed)), decision, below, drawn.choices);
  for (int k = 0; k < take; ++k) {
    std::swap(drawn.picks[k], drawn.picks[k + below(allowed - k)]);
  }
  drawn.picks.resize(take);
  std::sort(drawn.picks.begin(), drawn.picks.end());
  return drawn;
}

Drawn DrawArchitecture(const std::vector<ir::Decision>& decisions,
                       const std::function<uint64_t(uint64_t)>& below) {
  Drawn drawn;
  drawn.architecture.picks.resize(decisions.size());
  for (size_t d = 0; d < decisions.size(); ++d) {
    if (!IsAlive(decisions[d], drawn.architecture)) continue;
    DrawnPicks picks = DrawPicks(decisions[d], below);
    drawn.weight *= picks.choices;
    drawn.architecture.picks[d] = std::move(picks.picks);
  }
  return drawn;
}

std::vector<std::vector<int>> OtherPicks(const ir::Decision& decision,
                                         const std::vector<int>& picks) {
  std::vector<std::vector<int>> others;
  std::vector<int> left;
  for (int option : Allowed(decision)) {
    if (!absl::c_linear_search(picks, option)) left.push_back(option);
  }
  if (decision.kind == ir::Decision::Kind::kOne) {
    for (int option : left) others.push_back({option});
    return others;
  }
  const int count = static_cast<int>(picks.size());
  for (int place = 0; place < count; ++place) {
    std::vector<int> fewer = picks;
    fewer.erase(fewer.begin() + place);
    for (int option : left) {
      others.push_back(fewer);
      others.back().insert(absl::c_lower_bound(others.back(), option), option);
    }
    if (count > decision.least) others.push_back(std::move(fewer));
  }
  if (count < decision.most) {
    for (int option : left) {
      others.push_back(picks);
      others.back().insert(absl::c_lower_bound(others.back(), option), option);
    }
  }
  return others;
}

void ReviveAfter(const std::vector<ir::Decision>& decisions, const Architecture& before,
                 size_t changed, const std::function<uint64_t(uint64_t)>& below,
                 Architecture& after) {
  for (size_t d = changed + 1; d < decisions.size(); ++d) {
    if (decisions[d].alive.is_leaf()) continue;
    if (!IsAlive(decisions[d], after)) {
      after.picks[d].clear();
    } else if (!IsAlive(decisions[d], before)) {
      after.picks[d] = DrawPicks(decisions[d], below).picks;
    }
  }
}

Architecture DrawNeighbour(const std::vector<ir::Decision>& decisions,
                           const Architecture& architecture,
                           const std::function<uint64_t(uint64_t)>& below) {
  Architecture other = architecture;
  // Decisions in a random order, until one has other picks.
  std::vector<size_t> order;
  for (size_t d = 0; d < decisions.size(); ++d) order.push_back(d);
  for (size_t left = order.size(); left > 0; --left) {
    std::swap(order[left - 1], order[below(left)]);
    const size_t d = order[left - 1];
    if (!IsAlive(decisions[d], architecture)) continue;
    std::vector<std::vector<int>> picks = OtherPicks(decisions[d], architecture.picks[d]);
    if (picks.empty()) continue;
    other.picks[d] = std::move(picks[below(picks.size())]);
    ReviveAfter(decisions, architecture, d, below, other);
    break;
  }
  return other;
}

Architecture DrawSample(const std::vector<ir::Decision>& decisions,
                        const std::function<uint64_t(uint64_t)>& below) {
  Architecture sample;
  for (const ir::Decision& decision : decisions) {
    std::vector<int>& picks = sample.picks.emplace_back();
    const auto options = static_cast<int>(decision.options.size());
    if (decision.kind == ir::Decision::Kind::kOne) {
      picks.push_back(static_cast<int>(below(options)));
    } else {
      for (int option = 0; option < options; ++option) picks.push_back(option);
    }
  }
  return sample;
}

bool ForEachArchitecture(const std::vector<ir::Decision>& decisions,
                         const std::vector<ir::Constraint>& constraints,
                         const std::function<bool(const Architecture&)>& visit) {
  return Enumeration(decisions, constraints, visit).From(0);
}

}  // namespace nasc
