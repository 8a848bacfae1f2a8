#pragma once

#include <functional>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"

namespace nasc {

// Checks a search declaration of a file whose names are right. What a declaration may say lies in
// the tables of strategies and data sets, which the compiler does not know.
using SearchCheck =
    std::function<void(const ast::SearchDecl& search, const Module& module, Diagnostics&)>;

// Reports everything that can be found wrong with a file that was loaded: names and calls, then
// shapes at every scale and the searches. `diagnostics` are those of loading it; what does not
// parse is not looked at further.
void CheckFile(const Sources& sources, const SearchCheck& check_search, Diagnostics& diagnostics);

}  // namespace nasc
