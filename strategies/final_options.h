#pragma once

#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/options.h"

namespace nasc {

// What a `final` line sets, of FinalOptionSpecs: what it says, else what its preset says, else what
// the search's `train` line says. `data` are the settings of the search's data set.
Options ReadFinalOptions(const std::vector<ast::Assign>& said, const Options& train,
                         const Options& data, Diagnostics& diagnostics);

}  // namespace nasc
