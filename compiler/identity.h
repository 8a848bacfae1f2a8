#pragma once

#include "compiler/hash128.h"
#include "compiler/ir/graph.h"

namespace nasc {

// The identity hash of a space, of its name, its decisions and what it requires: it says what an
// artefact belongs to. It does not change with layout, comments, scales or the version's number;
// function hashes (algebra/function_hash.h) say what is computed.
Hash128 IdentityOf(const ir::Graph& supernet);

}  // namespace nasc
