#pragma once

#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

// What one architecture asks for of a supernet.
namespace nasc {

// A number once every decision is taken. `architecture` may be nullptr: then the dim stays.
ir::Dim FixDim(const ir::Dim& dim, const Architecture* architecture);

// The operands that an architecture uses: the option of a select, the taken ones of a subset, and
// of other instructions all. With nullptr, those that the relaxed supernet uses. `relaxed`: with
// what exists only while a decision is relaxed, as it is with nullptr.
std::vector<ir::ValueId> OperandsTaken(const ir::Graph& graph, const ir::Instruction& instruction,
                                       const Architecture* architecture, bool relaxed = false);

// Which instructions the results and the inputs need. The rest may have no shape.
std::vector<bool> Needed(const ir::Graph& graph, const Architecture* architecture,
                         bool relaxed = false);

}  // namespace nasc
