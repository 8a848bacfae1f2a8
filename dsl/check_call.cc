#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"
#include "dsl/check_chain.h"
#include "dsl/number_functions.h"

// Calls and their arguments.
namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnknownOperation, "unknown-operation", kError);
NASC_DIAGNOSTIC(kUnknownArgument, "unknown-argument", kError);
NASC_DIAGNOSTIC(kNotAChain, "not-a-chain", kError);

// Arguments that every operation accepts: what its steps pass on. A primitive takes only its own.
const std::vector<std::string>& PassedOn() {
  static const auto* const names = new std::vector<std::string>{"stride", "filters"};
  return *names;
}

const std::vector<std::string>& NothingPassedOn() {
  static const auto* const names = new std::vector<std::string>;
  return *names;
}

bool IsValue(const Scope::Name* name) {
  return name != nullptr &&
         (name->kind == Scope::Kind::kValue || name->kind == Scope::Kind::kParameter);
}

bool IsNone(const ast::Expr& expr) {
  return expr.kind == ast::Expr::Kind::kName && expr.text == "none";
}

}  // namespace

void ChainChecker::CheckCall(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                             const Location& location, const Scope& scope) {
  const Scope::Name* name = scope.Find(callee.text);
  if (IsValue(name)) {
    numbers_.Use(*name, callee.text);
    if (!args.empty()) {
      context_.diagnostics.Report(kTooManyArguments, location,
                                  absl::StrCat("'", callee.text, "' takes no arguments"));
    }
    return;
  }
  const Module::Found<ast::OpDecl> op = context_.module.FindOp(callee.text);
  const Signature* primitive = context_.vocabulary.Find(callee.text);
  if (op) {
    Use(op.decl->name, op.module);
    CheckArgs(callee, op.decl->name, op.decl->params, args, /*passes_on=*/true, scope);
  } else if (primitive != nullptr && primitive->combiner) {
    CheckCombined(callee, args, location, scope);
  } else if (primitive != nullptr) {
    CheckArgs(callee, primitive->params, NothingPassedOn(), Takes::kNumbers, args, scope,
              Location{});
  } else {
    ReportUnknown(callee, scope);
  }
}

void ChainChecker::ReportUnknown(const ast::Identifier& callee, const Scope& scope) {
  if (scope.Find(callee.text) != nullptr || IsConstant(callee.text)) {
    context_.diagnostics.Report(kUnknownOperation, callee.location,
                                absl::StrCat("'", callee.text, "' is a number, not an operation"));
    return;
  }
  if (context_.module.FindCell(callee.text)) {
    context_.diagnostics.Report(
        kMisplaced, callee.location,
        absl::StrCat("cell '", callee.text,
                     "' stands in the stack or the body of a network, nowhere else"));
    return;
  }
  Diagnostic& diagnostic = context_.diagnostics.Report(
      kUnknownOperation, callee.location, absl::StrCat("unknown operation '", callee.text, "'"));
  context_.Suggest(diagnostic, callee.text, [&] {
    std::vector<std::string> known = context_.module.OpNames();
    for (const Signature& signature : context_.vocabulary.signatures()) {
      known.push_back(signature.name);
    }
    absl::c_copy(scope.Values(), std::back_inserter(known));
    return known;
  });
}

void ChainChecker::CheckCombined(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                                 const Location& location, const Scope& scope) {
  for (const ast::Arg& arg : args) {
    if (!arg.name.has_value() && CheckAsValue(arg, scope)) continue;
    context_.diagnostics.Report(
        kNotAChain, arg.expr.has_value() ? arg.expr->location : location,
        absl::StrCat("'", callee.text, "' combines chains, found ",
                     arg.name.has_value() ? "a named argument" : PrintExpr(*arg.expr)));
  }
  if (args.empty()) {
    context_.diagnostics.Report(kMissingArgument, location,
                                absl::StrCat("'", callee.text, "' needs something to combine"));
  }
}

// Whether the argument reads as a chain, which is then checked.
bool ChainChecker::CheckAsValue(const ast::Arg& arg, const Scope& scope) {
  if (arg.chain.has_value()) {
    Check(*arg.chain, scope);
    return true;
  }
  const ast::Expr& expr = *arg.expr;
  if (expr.kind != ast::Expr::Kind::kName && expr.kind != ast::Expr::Kind::kCall) return false;
  if (!IsNone(expr)) CheckCall({expr.text, expr.location}, expr.args, expr.location, scope);
  return true;
}

void ChainChecker::CheckArgs(const ast::Identifier& callee, const ast::Identifier& definition,
                             const std::vector<ast::Param>& params,
                             const std::vector<ast::Arg>& args, bool passes_on,
                             const Scope& scope) {
  std::vector<Signature::Param> signature;
  for (const ast::Param& param : params) {
    signature.push_back({param.name.text, !param.default_value.has_value()});
  }
  CheckArgs(callee, signature, passes_on ? PassedOn() : NothingPassedOn(), Takes::kNumbersAndValues,
            args, scope, definition.location);
}

void ChainChecker::CheckArg(const ast::Identifier& callee, const ast::Arg& arg, Takes takes,
                            const Scope& scope) {
  const bool values = takes == Takes::kNumbersAndValues;
  if (arg.chain.has_value() && !values) {
    context_.diagnostics.Report(kNotANumber, arg.chain->location,
                                absl::StrCat("'", callee.text, "' takes numbers, not chains"));
  } else if (arg.chain.has_value()) {
    Check(*arg.chain, scope);
  } else if (!values) {
    numbers_.Check(*arg.expr, scope);
  } else if (const Scope::Name* name =
                 arg.expr->kind == ast::Expr::Kind::kName ? scope.Find(arg.expr->text) : nullptr;
             name != nullptr) {
    numbers_.Use(*name, arg.expr->text);
  } else if ((arg.expr->kind == ast::Expr::Kind::kCall &&
              FindNumberFunction(arg.expr->text) == nullptr) ||
             IsNone(*arg.expr) || context_.module.FindOp(arg.expr->text) ||
             context_.vocabulary.Find(arg.expr->text) != nullptr) {
    CheckAsValue(arg, scope);
  } else {
    numbers_.Check(*arg.expr, scope);
  }
}

void ChainChecker::CheckArgs(const ast::Identifier& callee,
                             const std::vector<Signature::Param>& params,
                             const std::vector<std::string>& passed_on, Takes takes,
                             const std::vector<ast::Arg>& args, const Scope& scope,
                             const Location& defined) {
  absl::flat_hash_set<absl::string_view> given;
  size_t position = 0;
  for (const ast::Arg& arg : args) {
    const bool passes = arg.name.has_value() && absl::c_linear_search(passed_on, arg.name->text);
    CheckArg(callee, arg, passes ? Takes::kNumbers : takes, scope);
    if (arg.name.has_value()) {
      const std::string& name = arg.name->text;
      const bool known =
          passes || absl::c_any_of(params, [&](const auto& p) { return p.name == name; });
      if (!known) {
        std::vector<std::string> names = passed_on;
        for (const auto& param : params) names.push_back(param.name);
        Diagnostic& diagnostic = context_.diagnostics.Report(
            kUnknownArgument, arg.name->location,
            absl::StrCat("'", callee.text, "' has no argument '", name, "'"));
        context_.Suggest(diagnostic, name, [&] { return names; });
      } else if (!given.insert(name).second) {
        context_.diagnostics.Report(kDuplicate, arg.name->location,
                                    absl::StrCat("a second value for '", name, "'"));
      }
    } else if (position < params.size()) {
      given.insert(params[position++].name);
    } else {
      context_.diagnostics.Report(
          kTooManyArguments, arg.expr.has_value() ? arg.expr->location : arg.chain->location,
          absl::StrCat("'", callee.text, "' takes ",
                       params.empty() ? "no arguments" : absl::StrCat("at most ", params.size()),
                       params.empty()       ? ""
                       : params.size() == 1 ? " argument"
                                            : " arguments"));
      return;
    }
  }
  for (const Signature::Param& param : params) {
    if (!param.required || given.contains(param.name)) continue;
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kMissingArgument, callee.location,
        absl::StrCat("'", callee.text, "' needs a value for '", param.name, "'"));
    if (defined.known()) diagnostic.notes.push_back({defined, "it is defined here"});
  }
}

}  // namespace nasc
