#pragma once

#include <string>

#include "dsl/ast.h"

namespace nasc {

// The tree of a file as text, an s-expression a definition, for people and tests.
std::string PrintAst(const ast::File& file);

// An expression or a chain as it could be written, with every bracket that could matter.
std::string PrintExpr(const ast::Expr& expr);
std::string PrintChain(const ast::Chain& chain);

}  // namespace nasc
