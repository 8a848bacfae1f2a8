#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/renames.h"
#include "compiler/versions/space_map.h"

namespace nasc {

// One thing that networks of the new version compute otherwise than those of the old version with
// the same choices.
struct Change {
  std::string at;    // the instruction of the old graph: "stage0.cell0.normal.n0.prev.conv"
  std::string what;  // "kernel 3 -> 5"
  // The candidate that the instruction is part of; SpaceMap::kNone: of no candidate.
  int decision = SpaceMap::kNone;
  int option = SpaceMap::kNone;
  // The architectures, in decisions of the old version, of which it is so: exactly, or more of them
  // where that depends on too much. None where it is about training only: what exists while
  // decisions are relaxed, an auxiliary head, what draws random numbers.
  ir::Condition when = false;
};

// Compares the supernets of two versions at one scale, from the results on: operations, attributes,
// operands and weights, by name what weights are called. Options that only one of the two has are
// no change. Of changes that follow from one another there is the first. `map` may be of another
// scale.
struct Changes {
  std::vector<Change> changes;
  bool exact = true;  // `when` is exact
};
Changes ChangesOf(const ir::Graph& old_graph, const ir::Graph& new_graph, const SpaceMap& map,
                  const Renames& renames);

// What the network of one architecture computes otherwise as `translated`, the same choices in the
// new version; nothing where it computes the same. Exact, where the conditions of ChangesOf may
// hold of too many: it compares networks, not supernets. Error: see Fix.
absl::StatusOr<std::optional<Change>> DifferenceOf(const Architecture& architecture,
                                                   const ir::Graph& old_graph,
                                                   const Architecture& translated,
                                                   const ir::Graph& new_graph,
                                                   const Renames& renames);

}  // namespace nasc
