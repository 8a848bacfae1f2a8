#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What an architecture takes in a cell, the decisions below one name ("normal.n0.prev.op"). An edge
// is a choice between operations on one value, of which some have weights and which counts once
// however often the cell is there; a choice within an option of another is part of that one. An
// operation is free of parameters where no weight is needed for it, an identity where its value is
// the one that it takes; both as the graph says, once decisions are fixed, and wherever it is used.
struct CellOperations {
  std::string cell;
  int64_t edges = 0;  // that the architecture takes
  int64_t parameter_free = 0;
  int64_t identities = 0;
};

// Of every cell with an edge, in the order of its decisions.
std::vector<CellOperations> OperationsOf(const ir::Graph& supernet,
                                         const Architecture& architecture);

// A cell that collapsed: most of its edges take operations that are free of parameters, the failure
// of DARTS that Zela et al. (ICLR 2020) and Liang et al. (DARTS+, 2019) describe.
struct Collapse {
  std::string cell;
  int64_t parameter_free = 0;
  int64_t edges = 0;
};
std::vector<Collapse> CollapsedCells(const ir::Graph& supernet, const Architecture& architecture);

// "cell normal collapsed: 6 of its 8 edges take operations without weights"
std::string Describe(const Collapse& collapse);

}  // namespace nasc
