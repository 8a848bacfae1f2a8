#include "compiler/local_search.h"

#include <algorithm>
#include <random>
#include <utility>

#include "compiler/draw.h"

namespace nasc {
namespace {

constexpr int kStarts = 4;
constexpr int kMostDraws = 200;  // to find starts
constexpr int kMostIdle = 5000;  // changes that do not make it cheaper, before another start

}  // namespace

std::optional<int64_t> SearchLeast(const ArchitectureCost& cost, int64_t enough, Architecture first,
                                   const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints) {
  std::mt19937_64 random(1);
  const auto below = [&random](uint64_t n) { return random() % n; };
  const int most_idle = decisions.empty() ? 0 : kMostIdle;
  std::optional<int64_t> best;
  Architecture now = std::move(first);
  int starts = 0;
  for (int draws = 0; draws < kMostDraws && starts < kStarts;
       ++draws, now = DrawArchitecture(decisions, below).architecture) {
    if (!Fulfils(now, constraints)) continue;
    ++starts;
    int64_t least = cost(now);
    for (int idle = 0; idle < most_idle && least > enough; ++idle) {
      Architecture other = DrawNeighbour(decisions, now, below);
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
