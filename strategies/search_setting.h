#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dsl/ast.h"

namespace nasc {

// The declaration as if its text gave these settings, each `PART.NAME = VALUE` as in a file:
// "train.batch = 32", "strategy.learning_rate = 1e-3", "budget.epochs = 5". Epochs and steps take
// each other's place. Whether a part has such a setting, and a setting such a value, is found out
// where the declaration is read. Error: what is no setting, or is of a part that is not there.
absl::StatusOr<ast::SearchDecl> WithSettings(ast::SearchDecl search,
                                             const std::vector<std::string>& settings);

}  // namespace nasc
