#include "strategies/trial/crossover.h"

#include "compiler/architecture.h"
#include "compiler/draw.h"

namespace nasc {
namespace {

constexpr int kMostTries = 100;  // of children that the constraints forbid

}  // namespace

ArchitectureCode Cross(const DecisionSpace& space, const ArchitectureCode& first,
                       const ArchitectureCode& second, Rng& rng) {
  const Architecture parents[] = {space.Decode(first), space.Decode(second)};
  for (int i = 0; i < kMostTries; ++i) {
    Architecture child;
    child.picks.resize(space.decisions().size());
    for (size_t d = 0; d < child.picks.size(); ++d) {
      const ir::Decision& decision = space.decisions()[d];
      if (!IsAlive(decision, child)) continue;
      const bool alive[] = {IsAlive(decision, parents[0]), IsAlive(decision, parents[1])};
      if (alive[0] || alive[1]) {
        const uint64_t from = alive[0] && alive[1] ? rng.Below(2) : (alive[0] ? 0 : 1);
        child.picks[d] = parents[from].picks[d];
      } else {
        child.picks[d] = DrawPicks(decision, [&rng](uint64_t n) { return rng.Below(n); }).picks;
      }
    }
    if (Fulfils(child, space.constraints())) return space.Encode(child);
  }
  return first;
}

}  // namespace nasc
