#include "dsl/ast.h"

namespace nasc::ast {

std::optional<Chain> AsChain(const Arg& arg) {
  if (arg.chain.has_value()) return arg.chain;
  const Expr& expr = *arg.expr;
  if (expr.kind != Expr::Kind::kName && expr.kind != Expr::Kind::kCall) return std::nullopt;
  Step step;
  if (expr.kind == Expr::Kind::kName && expr.text == "none") step.kind = Step::Kind::kNone;
  step.location = expr.location;
  step.callee = {expr.text, expr.location};
  step.args = expr.args;
  step.label = arg.label;
  return Chain{expr.location, {step}};
}

}  // namespace nasc::ast
