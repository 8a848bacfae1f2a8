#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

// Architectures one by one, and at random.
namespace nasc {

// An architecture and how many there would be if every decision had as many choices as on its way.
struct Drawn {
  Architecture architecture;
  double weight = 1;
};

// Decides from the first decision to the last, every option or set of options as likely.
// `below(n)` is a random number from 0 to n - 1. Constraints are not asked.
Drawn DrawArchitecture(const std::vector<ir::Decision>& decisions,
                       const std::function<uint64_t(uint64_t)>& below);

// One option, or a set of options, of a decision; each as likely.
struct DrawnPicks {
  std::vector<int> picks;
  double choices = 1;  // how many there are
};
DrawnPicks DrawPicks(const ir::Decision& decision, const std::function<uint64_t(uint64_t)>& below);

// All sets of picks that differ from these in one option: another option of a choice; of a set one
// option more, one less, or one exchanged for another, as many as it may have.
std::vector<std::vector<int>> OtherPicks(const ir::Decision& decision,
                                         const std::vector<int>& picks);

// After decision `changed` of `after` was given other picks than in `before`: those behind it that
// are dead by that lose their value, those that came to life by it are drawn.
void ReviveAfter(const std::vector<ir::Decision>& decisions, const Architecture& before,
                 size_t changed, const std::function<uint64_t(uint64_t)>& below,
                 Architecture& after);

// An architecture in which one decision has other picks, each decision as likely and of it each of
// OtherPicks; the same architecture where no decision has any. Constraints are not asked.
Architecture DrawNeighbour(const std::vector<ir::Decision>& decisions,
                           const Architecture& architecture,
                           const std::function<uint64_t(uint64_t)>& below);

// Of every choice one option, each as likely, and of every subset all: what a sampled relaxation
// runs that keeps all edges (see RelaxToSample). Not an architecture of the space.
Architecture DrawSample(const std::vector<ir::Decision>& decisions,
                        const std::function<uint64_t(uint64_t)>& below);

// Calls `visit` with every architecture that fulfils the constraints, until it returns false.
// Returns whether all were visited.
bool ForEachArchitecture(const std::vector<ir::Decision>& decisions,
                         const std::vector<ir::Constraint>& constraints,
                         const std::function<bool(const Architecture&)>& visit);

}  // namespace nasc
