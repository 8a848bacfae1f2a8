#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/local_search.h"

namespace nasc {

// The least or the greatest that any architecture has of a sum.
struct Extreme {
  int64_t bound = 0;             // no architecture is beyond
  std::optional<int64_t> found;  // an architecture has this much

  bool exact() const { return found == bound; }
};

struct Extremes {
  Extreme least;
  Extreme greatest;
};

// Of the architectures that fulfil the constraints. Exact unless too much has to be told apart, as
// where what a node costs depends on which other nodes are used. Nothing where no architecture
// fulfils the constraints.
std::optional<Extremes> ExtremesOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints);

// The same of a cost that is known of one architecture at a time: none costs less than the one sum,
// or more than the other.
std::optional<Extremes> ExtremesBetween(const ir::Dim& least, const ir::Dim& most,
                                        const ArchitectureCost& cost,
                                        const std::vector<ir::Decision>& decisions,
                                        const std::vector<ir::Constraint>& constraints);

}  // namespace nasc
