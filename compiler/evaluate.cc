#include "compiler/evaluate.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"
#include "dsl/number_functions.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNoValue, "no-value", kError);
NASC_DIAGNOSTIC(kWrongType, "wrong-type", kError);
NASC_DIAGNOSTIC(kOutOfRange, "out-of-range", kError);
NASC_DIAGNOSTIC(kOpenNumber, "open-number", kError);
NASC_DIAGNOSTIC(kTooComplex, "too-complex", kError);

using Result = absl::StatusOr<Number>;

// A value of another kind than its place needs, as opposed to one that is out of range.
absl::Status WrongType(absl::string_view needed, const ast::Expr& expr, const Number& found) {
  return absl::FailedPreconditionError(
      absl::StrCat(needed, " is needed, '", PrintExpr(expr), "' is ", ToString(found)));
}

Result Arithmetic(const absl::StatusOr<Rational>& result) {
  if (!result.ok()) return absl::OutOfRangeError(result.status().message());
  return Number::Of(*result);
}

Result Compute(const ast::Expr& expr, const Number& a, const Number& b) {
  const std::string& op = expr.text;
  if (op == "and" || op == "or") {
    if (!a.is_truth()) return WrongType("a truth", expr.operands[0], a);
    if (!b.is_truth()) return WrongType("a truth", expr.operands[1], b);
    return Number::Truth(op == "and" ? a.truth && b.truth : a.truth || b.truth);
  }
  if ((op == "==" || op == "!=") && !a.is_number() && a.kind == b.kind) {
    return Number::Truth((a == b) == (op == "=="));
  }
  if (!a.is_number()) return WrongType("a number", expr.operands[0], a);
  if (!b.is_number()) return WrongType("a number", expr.operands[1], b);
  const Rational x = a.value;
  const Rational y = b.value;
  if (op == "==") return Number::Truth(x == y);
  if (op == "!=") return Number::Truth(x != y);
  if (op == "<") return Number::Truth(x < y);
  if (op == "<=") return Number::Truth(x <= y);
  if (op == ">") return Number::Truth(y < x);
  if (op == ">=") return Number::Truth(y <= x);
  if (op == "+") return Arithmetic(Add(x, y));
  if (op == "-") return Arithmetic(Subtract(x, y));
  if (op == "*") return Arithmetic(Multiply(x, y));
  if (op == "/") return Arithmetic(Divide(x, y));
  return Arithmetic(Power(x, y));
}

}  // namespace

NumberDiagram FromDim(const ir::Diagram<int64_t>& dim) {
  // No more nodes than before.
  return *ir::Apply<Number, int64_t, int64_t>(
      dim, ir::Diagram<int64_t>(0), [](int64_t x, int64_t) { return Result(Number::Of(x)); },
      static_cast<size_t>(-1) / 16);
}

void AddCounterexample(const ir::Assignment& where, const std::vector<ir::Decision>& decisions,
                       Diagnostic& diagnostic) {
  if (where.empty()) return;
  diagnostic.notes.push_back(
      {Location{}, absl::StrCat("for example with ", ir::Describe(where, decisions))});
}

template <typename T>
std::optional<T> Evaluator::Checked(absl::StatusOr<T> result, const ir::Assignment& where,
                                    const ast::Expr& expr) {
  if (result.ok()) return *std::move(result);
  const absl::Status& status = result.status();
  const DiagnosticKind& kind = absl::IsFailedPrecondition(status)  ? kWrongType
                               : absl::IsResourceExhausted(status) ? kTooComplex
                                                                   : kOutOfRange;
  AddCounterexample(where, decisions_,
                    diagnostics_.Report(kind, expr.location, std::string(status.message())));
  return std::nullopt;
}

std::optional<NumberDiagram> Evaluator::Evaluate(const ast::Expr& expr, const Numbers& numbers) {
  switch (expr.kind) {
    case ast::Expr::Kind::kNumber:
      return NumberDiagram(Number::Of(expr.number));
    case ast::Expr::Kind::kName:
      return Name(expr, numbers);
    case ast::Expr::Kind::kUnary:
      return Unary(expr, numbers);
    case ast::Expr::Kind::kBinary:
      return Binary(expr, numbers);
    case ast::Expr::Kind::kCall:
      return Call(expr, numbers);
    case ast::Expr::Kind::kString:
      break;  // the checker reports it
  }
  return std::nullopt;
}

std::optional<NumberDiagram> Evaluator::Name(const ast::Expr& expr, const Numbers& numbers) {
  if (const NumberDiagram* known = numbers.Find(expr.text); known != nullptr) return *known;
  if (expr.text == "on" || expr.text == "true") return Truth(true);
  if (expr.text == "off" || expr.text == "false") return Truth(false);
  diagnostics_.Report(kNoValue, expr.location,
                      absl::StrCat("'", expr.text, "' has no value in this place"));
  return std::nullopt;
}

// The arguments are joined pair by pair: to the list of those so far comes the next.
std::optional<NumberDiagram> Evaluator::Call(const ast::Expr& expr, const Numbers& numbers) {
  const NumberFunction* function = FindNumberFunction(expr.text);
  if (function == nullptr) return std::nullopt;  // the checker reports it
  ir::Diagram<std::vector<Rational>> list;
  ir::Assignment where;
  for (const ast::Arg& arg : expr.args) {
    if (!arg.expr.has_value()) return std::nullopt;
    const std::optional<NumberDiagram> next = Evaluate(*arg.expr, numbers);
    if (!next.has_value()) return std::nullopt;
    const auto longer =
        Checked(ir::Apply<std::vector<Rational>, std::vector<Rational>, Number>(
                    list, *next,
                    [&](const std::vector<Rational>& so_far,
                        const Number& number) -> absl::StatusOr<std::vector<Rational>> {
                      if (!number.is_number()) return WrongType("a number", *arg.expr, number);
                      std::vector<Rational> all = so_far;
                      all.push_back(number.value);
                      return all;
                    },
                    ir::kMostNodes, &where),
                where, expr);
    if (!longer.has_value()) return std::nullopt;
    list = *longer;
  }
  return Checked(ir::Apply<Number, std::vector<Rational>, Number>(
                     list, Whole(0),
                     [&](const std::vector<Rational>& all, const Number&) -> Result {
                       if (all.empty()) return WrongType("an argument", expr, Number::Of(0));
                       return Number::Of(function->compute(all));
                     },
                     ir::kMostNodes, &where),
                 where, expr);
}

std::optional<NumberDiagram> Evaluator::Unary(const ast::Expr& expr, const Numbers& numbers) {
  const std::optional<NumberDiagram> operand = Evaluate(expr.operands[0], numbers);
  if (!operand.has_value()) return std::nullopt;
  ir::Assignment where;
  return Checked(ir::Apply<Number, Number, Number>(
                     *operand, Whole(0),
                     [&](const Number& x, const Number&) -> Result {
                       if (expr.text == "not") {
                         if (!x.is_truth()) return WrongType("a truth", expr.operands[0], x);
                         return Number::Truth(!x.truth);
                       }
                       if (!x.is_number()) return WrongType("a number", expr.operands[0], x);
                       return Arithmetic(Subtract(0, x.value));
                     },
                     ir::kMostNodes, &where),
                 where, expr);
}

std::optional<NumberDiagram> Evaluator::Binary(const ast::Expr& expr, const Numbers& numbers) {
  // What a comparison with a name means: `kind == conv`, where conv is no number but an option.
  const std::optional<NumberDiagram> a = Evaluate(expr.operands[0], numbers);
  if (!a.has_value()) return std::nullopt;
  const ast::Expr& right = expr.operands[1];
  bool symbols = false;
  ir::ForEachNode(*a, [&](const NumberDiagram& node) {
    symbols |= node.is_leaf() && !node.is_undefined() && node.leaf().kind == Number::Kind::kSymbol;
  });
  const bool names = symbols && right.kind == ast::Expr::Kind::kName && !numbers.Has(right.text);
  const std::optional<NumberDiagram> b =
      names ? NumberDiagram(Number::Symbol(right.text)) : Evaluate(right, numbers);
  if (!b.has_value()) return std::nullopt;
  ir::Assignment where;
  return Checked(ir::Apply<Number, Number, Number>(
                     *a, *b, [&](const Number& x, const Number& y) { return Compute(expr, x, y); },
                     ir::kMostNodes, &where),
                 where, expr);
}

std::optional<ir::Condition> Evaluator::EvaluateTruth(const ast::Expr& expr,
                                                      const Numbers& numbers) {
  const std::optional<NumberDiagram> number = Evaluate(expr, numbers);
  if (!number.has_value()) return std::nullopt;
  ir::Assignment where;
  return Checked(ir::Apply<bool, Number, Number>(
                     *number, Whole(0),
                     [&](const Number& x, const Number&) -> absl::StatusOr<bool> {
                       if (!x.is_truth()) return WrongType("a truth", expr, x);
                       return x.truth;
                     },
                     ir::kMostNodes, &where),
                 where, expr);
}

std::optional<ir::Dim> Evaluator::EvaluateSize(const ast::Expr& expr, int64_t least,
                                               const Numbers& numbers) {
  const std::optional<NumberDiagram> number = Evaluate(expr, numbers);
  if (!number.has_value()) return std::nullopt;
  ir::Assignment where;
  const auto size = Checked(ir::Apply<int64_t, Number, Number>(
                                *number, Whole(0),
                                [&](const Number& x, const Number&) -> absl::StatusOr<int64_t> {
                                  if (!x.is_number()) return WrongType("a number", expr, x);
                                  if (x.value.is_whole() && x.value.numerator() >= least &&
                                      x.value.numerator() <= kGreatestSize) {
                                    return x.value.numerator();
                                  }
                                  return absl::OutOfRangeError(absl::StrCat(
                                      "a whole number from ", least, " to ", kGreatestSize,
                                      " is needed, found ", x.value.ToString()));
                                },
                                ir::kMostNodes, &where),
                            where, expr);
  if (!size.has_value()) return std::nullopt;
  return ir::Dim(*size);
}

std::optional<Rational> Evaluator::EvaluateNumber(const ast::Expr& expr, const Numbers& numbers) {
  const std::optional<NumberDiagram> number = Evaluate(expr, numbers);
  if (!number.has_value()) return std::nullopt;
  if (number->is_choice()) {
    diagnostics_.Report(kOpenNumber, expr.location,
                        absl::StrCat("'", PrintExpr(expr), "' depends on decision ",
                                     ir::NameOf(number->variable(), decisions_),
                                     ", which cannot be in this place"));
    return std::nullopt;
  }
  if (number->is_undefined()) return std::nullopt;
  if (number->leaf().is_number()) return number->leaf().value;
  return Checked(absl::StatusOr<Rational>(WrongType("a number", expr, number->leaf())), {}, expr);
}

std::optional<int64_t> Evaluator::EvaluateWhole(const ast::Expr& expr, int64_t least,
                                                const Numbers& numbers) {
  const std::optional<Rational> number = EvaluateNumber(expr, numbers);
  if (!number.has_value()) return std::nullopt;
  const std::optional<ir::Dim> size = EvaluateSize(expr, least, numbers);
  if (!size.has_value()) return std::nullopt;
  return size->value();
}

}  // namespace nasc
