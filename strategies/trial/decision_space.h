#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/random/random.h"

namespace nasc {

// What a strategy that tries architectures knows of a space: its decisions and its constraints,
// which must be satisfiable.
class DecisionSpace {
 public:
  explicit DecisionSpace(const ir::Graph& supernet)
      : decisions_(supernet.decisions), constraints_(supernet.constraints) {}

  const std::vector<ir::Decision>& decisions() const { return decisions_; }
  const std::vector<ir::Constraint>& constraints() const { return constraints_; }

  // Every decision that is alive takes each of its options, or each set of them, with equal
  // probability, until the constraints hold. Where hardly any architecture fulfils them this takes
  // long.
  Architecture Draw(Rng& rng) const;

  // A random neighbour: one decision takes another value, see DrawNeighbour in compiler/draw.h.
  // Where none of many tries fulfils the constraints, or there is only one architecture, it is the
  // architecture itself.
  Architecture Mutate(const Architecture& architecture, Rng& rng) const;

  // Every neighbour that fulfils the constraints, in the order of decisions and options: another
  // option of a choice; one option of a set more, less, or exchanged for another. What comes to
  // life by that is drawn.
  std::vector<Architecture> Neighbours(const Architecture& architecture, Rng& rng) const;

 private:
  std::vector<ir::Decision> decisions_;
  std::vector<ir::Constraint> constraints_;
};

}  // namespace nasc
