#include "compiler/evaluate.h"

#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNoValue, "no-value", kError);
NASC_DIAGNOSTIC(kWrongType, "wrong-type", kError);
NASC_DIAGNOSTIC(kOutOfRange, "out-of-range", kError);

class Evaluator {
 public:
  Evaluator(const Numbers& numbers, Diagnostics& diagnostics)
      : numbers_(numbers), diagnostics_(diagnostics) {}

  std::optional<Number> Visit(const ast::Expr& expr) {
    switch (expr.kind) {
      case ast::Expr::Kind::kNumber:
        return Number::Of(expr.number);
      case ast::Expr::Kind::kName:
        return Name(expr);
      case ast::Expr::Kind::kUnary:
        return Unary(expr);
      case ast::Expr::Kind::kBinary:
        return Binary(expr);
      case ast::Expr::Kind::kString:
      case ast::Expr::Kind::kCall:
        break;  // the checker reports them
    }
    return std::nullopt;
  }

 private:
  std::optional<Number> Name(const ast::Expr& expr) {
    if (expr.text == "on" || expr.text == "true") return Number::Truth(true);
    if (expr.text == "off" || expr.text == "false") return Number::Truth(false);
    const auto it = numbers_.find(expr.text);
    if (it != numbers_.end()) return it->second;
    diagnostics_.Report(kNoValue, expr.location,
                        absl::StrCat("'", expr.text, "' has no value in this place"));
    return std::nullopt;
  }

  std::optional<Number> Unary(const ast::Expr& expr) {
    const std::optional<Number> operand = Visit(expr.operands[0]);
    if (!operand.has_value()) return std::nullopt;
    if (expr.text == "not") {
      if (!Expect(*operand, true, expr.operands[0])) return std::nullopt;
      return Number::Truth(!operand->truth);
    }
    if (!Expect(*operand, false, expr.operands[0])) return std::nullopt;
    return Arithmetic(Subtract(0, operand->value), expr);
  }

  std::optional<Number> Binary(const ast::Expr& expr) {
    const std::optional<Number> a = Visit(expr.operands[0]);
    const std::optional<Number> b = Visit(expr.operands[1]);
    if (!a.has_value() || !b.has_value()) return std::nullopt;
    const std::string& op = expr.text;
    if (op == "and" || op == "or") {
      if (!Expect(*a, true, expr.operands[0]) || !Expect(*b, true, expr.operands[1])) {
        return std::nullopt;
      }
      return Number::Truth(op == "and" ? a->truth && b->truth : a->truth || b->truth);
    }
    if ((op == "==" || op == "!=") && a->is_truth && b->is_truth) {
      return Number::Truth((a->truth == b->truth) == (op == "=="));
    }
    if (!Expect(*a, false, expr.operands[0]) || !Expect(*b, false, expr.operands[1])) {
      return std::nullopt;
    }
    const Rational x = a->value;
    const Rational y = b->value;
    if (op == "==") return Number::Truth(x == y);
    if (op == "!=") return Number::Truth(x != y);
    if (op == "<") return Number::Truth(x < y);
    if (op == "<=") return Number::Truth(x <= y);
    if (op == ">") return Number::Truth(y < x);
    if (op == ">=") return Number::Truth(y <= x);
    if (op == "+") return Arithmetic(Add(x, y), expr);
    if (op == "-") return Arithmetic(Subtract(x, y), expr);
    if (op == "*") return Arithmetic(Multiply(x, y), expr);
    if (op == "/") return Arithmetic(Divide(x, y), expr);
    return Arithmetic(Power(x, y), expr);
  }

  std::optional<Number> Arithmetic(const absl::StatusOr<Rational>& result, const ast::Expr& expr) {
    if (result.ok()) return Number::Of(*result);
    diagnostics_.Report(kOutOfRange, expr.location, std::string(result.status().message()));
    return std::nullopt;
  }

  bool Expect(const Number& number, bool truth, const ast::Expr& expr) {
    if (number.is_truth == truth) return true;
    diagnostics_.Report(kWrongType, expr.location,
                        absl::StrCat(truth ? "a truth is needed" : "a number is needed", ", '",
                                     PrintExpr(expr), "' is ", ToString(number)));
    return false;
  }

  const Numbers& numbers_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::string ToString(const Number& number) {
  if (number.is_truth) return number.truth ? "true" : "false";
  return number.value.ToString();
}

std::optional<Number> Evaluate(const ast::Expr& expr, const Numbers& numbers,
                               Diagnostics& diagnostics) {
  return Evaluator(numbers, diagnostics).Visit(expr);
}

std::optional<bool> EvaluateTruth(const ast::Expr& expr, const Numbers& numbers,
                                  Diagnostics& diagnostics) {
  const std::optional<Number> number = Evaluate(expr, numbers, diagnostics);
  if (!number.has_value()) return std::nullopt;
  if (number->is_truth) return number->truth;
  diagnostics.Report(kWrongType, expr.location,
                     absl::StrCat("a truth is needed, found ", ToString(*number)));
  return std::nullopt;
}

std::optional<Rational> EvaluateNumber(const ast::Expr& expr, const Numbers& numbers,
                                       Diagnostics& diagnostics) {
  const std::optional<Number> number = Evaluate(expr, numbers, diagnostics);
  if (!number.has_value()) return std::nullopt;
  if (!number->is_truth) return number->value;
  diagnostics.Report(kWrongType, expr.location,
                     absl::StrCat("a number is needed, found ", ToString(*number)));
  return std::nullopt;
}

std::optional<int64_t> EvaluateWhole(const ast::Expr& expr, int64_t least, const Numbers& numbers,
                                     Diagnostics& diagnostics) {
  const std::optional<Rational> number = EvaluateNumber(expr, numbers, diagnostics);
  if (!number.has_value()) return std::nullopt;
  constexpr int64_t kMost = 1 << 24;
  if (number->is_whole() && number->numerator() >= least && number->numerator() <= kMost) {
    return number->numerator();
  }
  diagnostics.Report(kOutOfRange, expr.location,
                     absl::StrCat("a whole number from ", least, " to ", kMost,
                                  " is needed, found ", number->ToString()));
  return std::nullopt;
}

}  // namespace nasc
