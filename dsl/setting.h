#pragma once

#include "dsl/ast.h"

namespace nasc {

// `train.batch = 32`, given beside the file whose search it changes.
struct Setting {
  ast::Identifier path;
  ast::Expr value;
};

}  // namespace nasc
