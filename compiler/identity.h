#pragma once

#include "compiler/architecture.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"

// Identity hashes say what an artefact belongs to. They do not change with layout, comments, scales
// or the version's number; function hashes (algebra/function_hash.h) say what is computed.
namespace nasc {

// Of a space: its name, its decisions and what it requires.
Hash128 IdentityOf(const ir::Graph& supernet);

// Of an architecture in its space: the value of every decision that is alive.
Hash128 IdentityOf(const Architecture& architecture, const ir::Graph& supernet);

}  // namespace nasc
