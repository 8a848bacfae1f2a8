#pragma once

#include "dsl/ast.h"
#include "dsl/diagnostics.h"

namespace nasc {

// Reports what a file defines twice.
void CheckDuplicates(const ast::File& file, Diagnostics& diagnostics);

}  // namespace nasc
