#include "strategies/trial/decision_space.h"

#include <utility>

#include "compiler/draw.h"

namespace nasc {
namespace {

constexpr int kMostTries = 1000;  // of mutations that the constraints forbid

std::function<uint64_t(uint64_t)> Below(Rng& rng) {
  return [&rng](uint64_t n) { return rng.Below(n); };
}

}  // namespace

Architecture DecisionSpace::Draw(Rng& rng) const {
  while (true) {
    Architecture drawn = DrawArchitecture(decisions_, Below(rng)).architecture;
    if (Fulfils(drawn, constraints_)) return drawn;
  }
}

Architecture DecisionSpace::Mutate(const Architecture& architecture, Rng& rng) const {
  for (int i = 0; i < kMostTries; ++i) {
    Architecture other = DrawNeighbour(decisions_, architecture, Below(rng));
    if (Fulfils(other, constraints_)) return other;
  }
  return architecture;
}

std::vector<Architecture> DecisionSpace::Neighbours(const Architecture& architecture,
                                                    Rng& rng) const {
  std::vector<Architecture> neighbours;
  for (size_t d = 0; d < decisions_.size(); ++d) {
    if (architecture.picks[d].empty() && !IsAlive(decisions_[d], architecture)) continue;
    for (std::vector<int>& picks : OtherPicks(decisions_[d], architecture.picks[d])) {
      Architecture other = architecture;
      other.picks[d] = std::move(picks);
      ReviveAfter(decisions_, architecture, d, Below(rng), other);
      if (Fulfils(other, constraints_)) neighbours.push_back(std::move(other));
    }
  }
  return neighbours;
}

}  // namespace nasc
