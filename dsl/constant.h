#pragma once

#include <optional>

#include "dsl/ast.h"
#include "dsl/rational.h"

namespace nasc {

// The number that was written, `3`, `-0.5` or the fraction of two, `1/9`; nothing for what is none.
std::optional<Rational> ConstantOf(const ast::Expr& expr);

}  // namespace nasc
