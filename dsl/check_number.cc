#include "dsl/check_number.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"
#include "dsl/number_functions.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kBadRange, "bad-range", kError);

bool IsComparison(const ast::Expr& expr) {
  return expr.kind == ast::Expr::Kind::kBinary && (expr.text == "==" || expr.text == "!=");
}

}  // namespace

bool IsConstant(absl::string_view text) {
  return text == "on" || text == "off" || text == "true" || text == "false";
}

std::optional<Rational> LiteralOf(const ast::Expr& expr) {
  if (expr.kind == ast::Expr::Kind::kNumber) return expr.number;
  if (expr.kind != ast::Expr::Kind::kUnary || expr.text != "-") return std::nullopt;
  const std::optional<Rational> number = LiteralOf(expr.operands[0]);
  if (!number.has_value()) return std::nullopt;
  const absl::StatusOr<Rational> negative = Subtract(0, *number);
  return negative.ok() ? std::make_optional(*negative) : std::nullopt;
}

NameSet SymbolsOf(const ast::Choose& choose) {
  NameSet symbols;
  for (const ast::Expr& option : choose.options) {
    if (option.kind == ast::Expr::Kind::kName) symbols.insert(option.text);
  }
  return symbols;
}

void NumberChecker::Use(const Scope::Name& name, absl::string_view text) {
  if (name.kind == Scope::Kind::kSetting) context_.used_settings->emplace(text);
  if (name.definition != nullptr) context_.used.insert(name.definition);
}

// `kind == conv`: a name that only has a meaning as an option of what it is compared with. Whether
// `symbol` is that.
bool NumberChecker::CheckSymbol(const ast::Expr& number, const ast::Expr& symbol,
                                const Scope& scope) {
  if (number.kind != ast::Expr::Kind::kName || symbol.kind != ast::Expr::Kind::kName ||
      IsConstant(symbol.text) || scope.Find(symbol.text) != nullptr) {
    return false;
  }
  const Scope::Name* name = scope.Find(number.text);
  if (name == nullptr) return false;
  if (name->kind == Scope::Kind::kParameter) return true;  // what it may be, its callers know
  if (name->kind != Scope::Kind::kChoice) return false;
  const NameSet symbols = SymbolsOf(*name->choose);
  if (symbols.contains(symbol.text)) return true;
  Diagnostic& diagnostic = context_.diagnostics.Report(
      kNotAnOption, symbol.location,
      absl::StrCat("'", symbol.text, "' is no option of '", number.text, "'"));
  diagnostic.notes.push_back({name->definition->location, "it is chosen here"});
  context_.Suggest(diagnostic, symbol.text, [&] {
    std::vector<std::string> known(symbols.begin(), symbols.end());
    absl::c_sort(known);
    return known;
  });
  return true;
}

void NumberChecker::Check(const ast::Expr& expr, const Scope& scope) {
  if (IsComparison(expr)) {
    const ast::Expr& left = expr.operands[0];
    const ast::Expr& right = expr.operands[1];
    if (!CheckSymbol(right, left, scope)) Check(left, scope);
    if (!CheckSymbol(left, right, scope)) Check(right, scope);
    return;
  }
  for (const ast::Expr& operand : expr.operands) Check(operand, scope);
  if (expr.kind == ast::Expr::Kind::kCall && FindNumberFunction(expr.text) != nullptr) {
    CheckFunction(expr, scope);
  } else if (expr.kind == ast::Expr::Kind::kCall) {
    context_.diagnostics.Report(kNotANumber, expr.location,
                                absl::StrCat("'", expr.text, "(...)' is not a number"));
  }
  if (expr.kind == ast::Expr::Kind::kString) {
    context_.diagnostics.Report(kNotANumber, expr.location, "a text where a number is needed");
  }
  if (expr.kind != ast::Expr::Kind::kName) return;
  if (const Scope::Name* name = scope.Find(expr.text); name != nullptr) {
    Use(*name, expr.text);
    if (name->kind == Scope::Kind::kValue) {
      context_.diagnostics.Report(
          kNotANumber, expr.location,
          absl::StrCat("'", expr.text, "' is a value of the network, not a number"));
    }
    return;
  }
  if (IsConstant(expr.text)) return;
  Diagnostic& diagnostic = context_.diagnostics.Report(
      kUnknownName, expr.location, absl::StrCat("unknown name '", expr.text, "'"));
  context_.Suggest(diagnostic, expr.text, [&] { return scope.Numbers(); });
}

// `max(1, x)`: the arguments are numbers, as many as the function takes.
void NumberChecker::CheckFunction(const ast::Expr& expr, const Scope& scope) {
  const NumberFunction& function = *FindNumberFunction(expr.text);
  for (const ast::Arg& arg : expr.args) {
    if (arg.expr.has_value() && !arg.name.has_value()) {
      Check(*arg.expr, scope);
      continue;
    }
    context_.diagnostics.Report(kNotANumber, expr.location,
                                absl::StrCat("'", expr.text, "' takes numbers"));
    return;
  }
  if (expr.args.size() >= function.least && expr.args.size() <= function.most) return;
  context_.diagnostics.Report(
      expr.args.size() < function.least ? kMissingArgument : kTooManyArguments, expr.location,
      absl::StrCat("'", expr.text, "' takes ",
                   function.least == function.most ? absl::StrCat(function.least)
                                                   : absl::StrCat(function.least, " or more"),
                   " numbers, found ", expr.args.size()));
}

void NumberChecker::CheckRange(const ast::Expr& first, const ast::Expr& last, const Scope& scope) {
  Check(first, scope);
  Check(last, scope);
  const std::optional<Rational> least = LiteralOf(first);
  const std::optional<Rational> most = LiteralOf(last);
  for (const auto& [bound, expr] : {std::make_pair(least, &first), std::make_pair(most, &last)}) {
    if (!bound.has_value() || bound->is_whole()) continue;
    context_.diagnostics.Report(
        kBadRange, expr->location,
        absl::StrCat("a range goes from a whole number to another, not to or from ",
                     bound->ToString()));
    return;
  }
  if (!least.has_value() || !most.has_value() || *least <= *most) return;
  context_.diagnostics.Report(
      kBadRange, first.location,
      absl::StrCat("the range ", least->ToString(), "..", most->ToString(), " is empty"));
}

void NumberChecker::CheckChoose(const ast::Choose& choose, Scope& scope) {
  if (choose.range) {
    CheckRange(choose.options[0], choose.options[1], scope);
    scope.AddChoice(choose);
    return;
  }
  NameSet seen;
  for (const ast::Expr& option : choose.options) {
    const bool symbol = option.kind == ast::Expr::Kind::kName && scope.Find(option.text) == nullptr;
    if (!symbol) Check(option, scope);
    const std::optional<Rational> literal = LiteralOf(option);
    const std::string text = literal.has_value() ? literal->ToString() : PrintExpr(option);
    if (seen.insert(text).second) continue;
    context_.diagnostics.Report(
        kDuplicate, option.location,
        absl::StrCat("a second option ", text, " of '", choose.name.text, "'"));
  }
  scope.AddChoice(choose);
}

}  // namespace nasc
