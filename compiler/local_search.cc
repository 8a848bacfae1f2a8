#include "compiler/local_search.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/algorithm/container.h"
#include "compiler/draw.h"

namespace nasc {
namespace {

constexpr int kStarts = 4;
constexpr int kMostDraws = 200;  // to find starts
constexpr int kMostIdle = 5000;  // changes that do not make it cheaper, before another start

class LocalSearch {
 public:
  explicit LocalSearch(const std::vector<ir::Decision>& decisions) : decisions_(decisions) {}

  Architecture Draw() { return DrawArchitecture(decisions_, Below()).architecture; }

  // Another option of one decision, or one or two options of a set changed. Decisions that come to
  // life by that are drawn.
  Architecture Changed(const Architecture& architecture) {
    const size_t changed = random_() % decisions_.size();
    Architecture other = architecture;
    if (IsAlive(decisions_[changed], other)) Change(decisions_[changed], other.picks[changed]);
    if (other.picks[changed] == architecture.picks[changed]) return other;
    for (size_t d = changed + 1; d < decisions_.size(); ++d) {
      const bool alive = IsAlive(decisions_[d], other);
      if (!alive) {
        other.picks[d].clear();
      } else if (!IsAlive(decisions_[d], architecture)) {
        other.picks[d] = DrawPicks(decisions_[d], Below()).picks;
      }
    }
    return other;
  }

 private:
  std::function<uint64_t(uint64_t)> Below() {
    return [this](uint64_t n) { return random_() % n; };
  }

  void Change(const ir::Decision& decision, std::vector<int>& picks) {
    if (decision.kind == ir::Decision::Kind::kOne) {
      picks = DrawPicks(decision, Below()).picks;
      return;
    }
    std::vector<int> left;
    for (int option = 0; option < static_cast<int>(decision.options.size()); ++option) {
      if (!decision.relaxed_only[option] && !absl::c_binary_search(picks, option)) {
        left.push_back(option);
      }
    }
    std::vector<int> other = picks;
    const uint64_t kind = random_() % 4;  // 0: less, 1: more, else exchanged
    if (kind != 1 && !other.empty()) other.erase(other.begin() + random_() % other.size());
    if (kind != 0 && !left.empty()) other.push_back(left[random_() % left.size()]);
    const int count = static_cast<int>(other.size());
    if (count < decision.least || count > decision.most) return;
    absl::c_sort(other);
    picks = std::move(other);
  }

  const std::vector<ir::Decision>& decisions_;
  std::mt19937_64 random_{1};
};

}  // namespace

std::optional<int64_t> SearchLeast(const ArchitectureCost& cost, int64_t enough, Architecture first,
                                   const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints) {
  LocalSearch search(decisions);
  const int most_idle = decisions.empty() ? 0 : kMostIdle;
  std::optional<int64_t> best;
  Architecture now = std::move(first);
  int starts = 0;
  for (int draws = 0; draws < kMostDraws && starts < kStarts; ++draws, now = search.Draw()) {
    if (!Fulfils(now, constraints)) continue;
    ++starts;
    int64_t least = cost(now);
    for (int idle = 0; idle < most_idle && least > enough; ++idle) {
      Architecture other = search.Changed(now);
      if (other == now || !Fulfils(other, constraints)) continue;
      const int64_t changed = cost(other);
      if (changed > least) continue;
      if (changed < least) idle = 0;
      least = changed;
      now = std::move(other);
    }
    best = std::min(best.value_or(least), least);
    if (*best <= enough) break;
  }
  return best;
}

}  // namespace nasc
