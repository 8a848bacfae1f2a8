#include "dsl/constant.h"

#include "absl/status/statusor.h"

namespace nasc {

std::optional<Rational> ConstantOf(const ast::Expr& expr) {
  using Kind = ast::Expr::Kind;
  if (expr.kind == Kind::kNumber) return expr.number;
  if (expr.kind == Kind::kUnary && expr.text == "-" && expr.operands[0].kind == Kind::kNumber) {
    const absl::StatusOr<Rational> negative = Subtract(Rational(0), expr.operands[0].number);
    if (negative.ok()) return *negative;
  }
  if (expr.kind == Kind::kBinary && expr.text == "/" && expr.operands[0].kind == Kind::kNumber &&
      expr.operands[1].kind == Kind::kNumber) {
    const absl::StatusOr<Rational> fraction =
        Divide(expr.operands[0].number, expr.operands[1].number);
    if (fraction.ok()) return *fraction;
  }
  return std::nullopt;
}

}  // namespace nasc
