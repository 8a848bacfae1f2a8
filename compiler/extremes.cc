#include "compiler/extremes.h"

#include <algorithm>
#include <random>
#include <utility>

#include "compiler/architecture.h"
#include "compiler/draw.h"
#include "compiler/frontier.h"

namespace nasc {
namespace {

constexpr size_t kMostStates = 10000;
constexpr int kStarts = 6;       // of the local search
constexpr int kMostDraws = 200;  // to find them

// What the walk knows: the least or the greatest sum so far.
template <bool kGreatest>
struct ExtremeValue {
  int64_t sum = 0;
  static ExtremeValue Start() { return {0}; }
  void Merge(const ExtremeValue& other) {
    sum = kGreatest ? std::max(sum, other.sum) : std::min(sum, other.sum);
  }
  void Add(int64_t more) {
    int64_t total = 0;
    sum = __builtin_add_overflow(sum, more, &total) ? (more < 0 ? INT64_MIN : INT64_MAX) : total;
  }
  void Take(size_t) {}
};

// Changes one decision after the other as long as that helps.
template <bool kGreatest>
class LocalSearch {
 public:
  LocalSearch(const ir::Dim& sum, const std::vector<ir::Decision>& decisions,
              const std::vector<ir::Constraint>& constraints)
      : sum_(sum), decisions_(decisions), constraints_(constraints) {}

  // The best value of an architecture that was found; nothing where none fulfils the constraints.
  std::optional<int64_t> Run() {
    std::mt19937_64 random(1);
    int starts = 0;
    for (int draws = 0; draws < kMostDraws && starts < kStarts; ++draws) {
      Architecture architecture =
          DrawArchitecture(decisions_, [&](uint64_t n) { return random() % n; }).architecture;
      if (!Fulfils(architecture, constraints_)) continue;
      ++starts;
      Climb(std::move(architecture));
    }
    return best_;
  }

 private:
  void Climb(Architecture architecture) {
    int64_t value = ValueOf(architecture);
    for (bool improved = true; improved;) {
      improved = false;
      for (size_t d = 0; d < decisions_.size(); ++d) {
        if (!IsAlive(decisions_[d], architecture)) continue;
        for (std::vector<int>& picks : Neighbours(decisions_[d], architecture.picks[d])) {
          Architecture other = architecture;
          other.picks[d] = std::move(picks);
          Settle(other, d);
          if (!Fulfils(other, constraints_)) continue;
          const int64_t changed = ValueOf(other);
          if (!IsBetter(changed, value)) continue;
          value = changed;
          architecture = std::move(other);
          improved = true;
        }
      }
    }
    if (!best_.has_value() || IsBetter(value, *best_)) best_ = value;
  }

  static bool IsBetter(int64_t a, int64_t b) { return kGreatest ? a > b : a < b; }

  int64_t ValueOf(const Architecture& architecture) const {
    return sum_
        .Fix([&](const ir::Variable& variable) { return BranchTaken(architecture, variable); })
        .value();
  }

  // Another option; one more, one less, or one exchanged of a set.
  static std::vector<std::vector<int>> Neighbours(const ir::Decision& decision,
                                                  const std::vector<int>& picks) {
    std::vector<std::vector<int>> neighbours;
    const auto put = [&](std::vector<int> changed) {
      const auto count = static_cast<int>(changed.size());
      if (count < decision.least || count > decision.most) return;
      std::sort(changed.begin(), changed.end());
      neighbours.push_back(std::move(changed));
    };
    for (int option = 0; option < static_cast<int>(decision.options.size()); ++option) {
      if (decision.relaxed_only[option]) continue;
      if (std::find(picks.begin(), picks.end(), option) != picks.end()) {
        std::vector<int> without = picks;
        without.erase(std::find(without.begin(), without.end(), option));
        put(std::move(without));
        continue;
      }
      std::vector<int> with = picks;
      with.push_back(option);
      put(std::move(with));
      for (size_t i = 0; i < picks.size(); ++i) {
        std::vector<int> exchanged = picks;
        exchanged[i] = option;
        put(std::move(exchanged));
      }
    }
    return neighbours;
  }

  // Gives later decisions that a change brought to life their first options.
  void Settle(Architecture& architecture, size_t changed) const {
    for (size_t d = changed + 1; d < decisions_.size(); ++d) {
      const ir::Decision& decision = decisions_[d];
      std::vector<int>& picks = architecture.picks[d];
      if (!IsAlive(decision, architecture)) {
        picks.clear();
        continue;
      }
      for (int option = 0; static_cast<int>(picks.size()) < decision.least; ++option) {
        const bool known = std::find(picks.begin(), picks.end(), option) != picks.end();
        if (!known && !decision.relaxed_only[option]) picks.push_back(option);
      }
    }
  }

  const ir::Dim& sum_;
  const std::vector<ir::Decision>& decisions_;
  const std::vector<ir::Constraint>& constraints_;
  std::optional<int64_t> best_;
};

// Walks over all architectures; where those are too many to be told apart, over those only that may
// be better than the best that a local search finds (branch and bound).
// Nothing where no architecture fulfils the constraints.
template <bool kGreatest>
std::optional<Extreme> ExtremeOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions,
                                 const std::vector<ir::Constraint>& constraints) {
  using Value = ExtremeValue<kGreatest>;
  const auto frontier = [&] {
    Frontier<Value> made(decisions);
    made.AddObjective(sum);
    for (const ir::Constraint& constraint : constraints) made.AddConstraint(constraint);
    made.KeepBest(kGreatest, [](const Value& value) { return value.sum; });
    return made;
  };
  const auto all = frontier().Walk(kMostStates);
  if (all.ok()) {
    if (!all->has_value()) return std::nullopt;
    return Extreme{(*all)->sum, (*all)->sum};
  }
  const int64_t bound = kGreatest ? sum.Max() : sum.Min();
  const std::optional<int64_t> found = LocalSearch<kGreatest>(sum, decisions, constraints).Run();
  if (!found.has_value() || *found == bound) return Extreme{bound, found};
  Frontier<Value> better = frontier();
  better.DropWhere([&](const Value& value, int64_t least, int64_t greatest) {
    Value reached = value;
    reached.Add(kGreatest ? greatest : least);
    return kGreatest ? reached.sum <= *found : reached.sum >= *found;
  });
  const auto walked = better.Walk(kMostStates);
  if (!walked.ok()) return Extreme{bound, found};
  const int64_t best = walked->has_value() ? (*walked)->sum : *found;
  return Extreme{best, best};
}

}  // namespace

std::optional<Extremes> ExtremesOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints) {
  if (sum.is_too_complex()) return Extremes{{0, std::nullopt}, {INT64_MAX, std::nullopt}};
  const std::optional<Extreme> least = ExtremeOf<false>(sum, decisions, constraints);
  if (!least.has_value()) return std::nullopt;
  const std::optional<Extreme> greatest = ExtremeOf<true>(sum, decisions, constraints);
  return Extremes{*least, greatest.value_or(Extreme{INT64_MAX, std::nullopt})};
}

}  // namespace nasc
