#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "dsl/ast.h"
#include "dsl/check_context.h"
#include "dsl/rational.h"
#include "dsl/scope.h"

namespace nasc {

// Checks the numbers of a file: that every name in them means something where it stands.
class NumberChecker {
 public:
  explicit NumberChecker(CheckContext& context) : context_(context) {}

  void Check(const ast::Expr& expr, const Scope& scope);

  // `1..20`, where both are written as numbers: whole, the first not after the last.
  void CheckRange(const ast::Expr& first, const ast::Expr& last, const Scope& scope);

  // Checks what can be chosen and brings the name into scope.
  void CheckChoose(const ast::Choose& choose, Scope& scope);

  // Notes that something uses the name.
  void Use(const Scope::Name& name, absl::string_view text);

 private:
  void CheckFunction(const ast::Expr& expr, const Scope& scope);
  bool CheckSymbol(const ast::Expr& number, const ast::Expr& symbol, const Scope& scope);

  CheckContext& context_;
};

// Whether the text is a number without being declared: on, off, true, false.
bool IsConstant(absl::string_view text);

// The names among what can be chosen, such as `conv`; numbers are left out.
NameSet SymbolsOf(const ast::Choose& choose);

// The number that is written there; nothing where it is computed.
std::optional<Rational> LiteralOf(const ast::Expr& expr);

}  // namespace nasc
