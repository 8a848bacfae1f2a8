#include "dsl/check_chain.h"

#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"

namespace nasc {

NASC_DIAGNOSTIC(kDuplicate, "duplicate", kError);
NASC_DIAGNOSTIC(kUnknownName, "unknown-name", kError);
NASC_DIAGNOSTIC(kMissingArgument, "missing-argument", kError);
NASC_DIAGNOSTIC(kTooManyArguments, "too-many-arguments", kError);
NASC_DIAGNOSTIC(kMisplaced, "misplaced", kError);

namespace {

NASC_DIAGNOSTIC(kUnknownOperation, "unknown-operation", kError);
NASC_DIAGNOSTIC(kUnknownOps, "unknown-ops", kError);
NASC_DIAGNOSTIC(kUnknownArgument, "unknown-argument", kError);
NASC_DIAGNOSTIC(kNotAChain, "not-a-chain", kError);
NASC_DIAGNOSTIC(kNotANumber, "not-a-number", kError);

// Arguments that every operation accepts: what its steps pass on. A primitive takes only its own.
const std::vector<std::string>& PassedOn() {
  static const auto* const names = new std::vector<std::string>{"stride", "filters"};
  return *names;
}

const std::vector<std::string>& Constants() {
  static const auto* const names = new std::vector<std::string>{"on", "off", "true", "false"};
  return *names;
}

}  // namespace

void ChainChecker::Check(const ast::Chain& chain, const Scope& scope) {
  for (const ast::Step& step : chain.steps) {
    for (const ast::Assign& assign : step.with) {
      diagnostics_.Report(kMisplaced, assign.name.location,
                          "`with` stands after the cell of a rule of a stack, nowhere else");
    }
    switch (step.kind) {
      case ast::Step::Kind::kNone:
        break;
      case ast::Step::Kind::kWhen:
        CheckNumber(step.condition[0], scope);
        for (const ast::Chain& branch : step.branches) Check(branch, scope);
        break;
      case ast::Step::Kind::kOneOf:
        if (!module_.FindOps(step.callee.text)) {
          diagnostics_
              .Report(kUnknownOps, step.callee.location,
                      absl::StrCat("unknown set of operations '", step.callee.text, "'"))
              .fix = DidYouMean(step.callee.text, module_.OpsNames());
        }
        break;
      case ast::Step::Kind::kCall:
        CheckCall(step.callee, step.args, step.location, scope);
        break;
    }
  }
}

void ChainChecker::CheckCall(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                             const Location& location, const Scope& scope) {
  if (scope.values.count(callee.text) > 0) {
    if (!args.empty()) {
      diagnostics_.Report(kTooManyArguments, location,
                          absl::StrCat("'", callee.text, "' takes no arguments"));
    }
    return;
  }
  const Module::Found<ast::OpDecl> op = module_.FindOp(callee.text);
  const Signature* primitive = vocabulary_.Find(callee.text);
  if (op) {
    std::vector<Signature::Param> params;
    for (const ast::Param& param : op.decl->params) {
      params.push_back({param.name.text, !param.default_value.has_value()});
    }
    CheckArgs(callee, params, PassedOn(), args, scope, op.decl->name.location);
  } else if (primitive != nullptr && primitive->combiner) {
    for (const ast::Arg& arg : args) {
      const std::optional<ast::Chain> chain = ast::AsChain(arg);
      if (!chain.has_value() || arg.name.has_value()) {
        diagnostics_.Report(
            kNotAChain, arg.expr.has_value() ? arg.expr->location : location,
            absl::StrCat("'", callee.text, "' combines chains, found ",
                         arg.name.has_value() ? "a named argument" : PrintExpr(*arg.expr)));
      } else {
        Check(*chain, scope);
      }
    }
    if (args.empty()) {
      diagnostics_.Report(kMissingArgument, location,
                          absl::StrCat("'", callee.text, "' needs something to combine"));
    }
  } else if (primitive != nullptr) {
    CheckArgs(callee, primitive->params, {}, args, scope, Location{});
  } else {
    std::vector<std::string> known = module_.OpNames();
    for (const Signature& signature : vocabulary_.signatures()) known.push_back(signature.name);
    known.insert(known.end(), scope.values.begin(), scope.values.end());
    diagnostics_
        .Report(kUnknownOperation, callee.location,
                absl::StrCat("unknown operation '", callee.text, "'"))
        .fix = DidYouMean(callee.text, known);
  }
}

void ChainChecker::CheckArgs(const ast::Identifier& callee,
                             const std::vector<Signature::Param>& params,
                             const std::vector<std::string>& passed_on,
                             const std::vector<ast::Arg>& args, const Scope& scope,
                             const Location& defined) {
  std::set<std::string> given;
  size_t position = 0;
  for (const ast::Arg& arg : args) {
    if (!arg.expr.has_value()) {
      diagnostics_.Report(kNotANumber, arg.chain->location,
                          absl::StrCat("'", callee.text, "' takes numbers, not chains"));
      return;
    }
    CheckNumber(*arg.expr, scope);
    if (arg.name.has_value()) {
      const std::string& name = arg.name->text;
      const bool known = absl::c_linear_search(passed_on, name) ||
                         absl::c_any_of(params, [&](const auto& p) { return p.name == name; });
      if (!known) {
        std::vector<std::string> names;
        for (const auto& param : params) names.push_back(param.name);
        names.insert(names.end(), passed_on.begin(), passed_on.end());
        diagnostics_
            .Report(kUnknownArgument, arg.name->location,
                    absl::StrCat("'", callee.text, "' has no argument '", name, "'"))
            .fix = DidYouMean(name, names);
      } else if (!given.insert(name).second) {
        diagnostics_.Report(kDuplicate, arg.name->location,
                            absl::StrCat("a second value for '", name, "'"));
      }
    } else if (position < params.size()) {
      given.insert(params[position++].name);
    } else {
      diagnostics_.Report(
          kTooManyArguments, arg.expr->location,
          absl::StrCat("'", callee.text, "' takes ",
                       params.empty() ? "no arguments" : absl::StrCat("at most ", params.size()),
                       params.empty()       ? ""
                       : params.size() == 1 ? " argument"
                                            : " arguments"));
      return;
    }
  }
  for (const Signature::Param& param : params) {
    if (!param.required || given.count(param.name) > 0) continue;
    Diagnostic& diagnostic = diagnostics_.Report(
        kMissingArgument, callee.location,
        absl::StrCat("'", callee.text, "' needs a value for '", param.name, "'"));
    if (defined.known()) diagnostic.notes.push_back({defined, "it is defined here"});
  }
}

void ChainChecker::CheckNumber(const ast::Expr& expr, const Scope& scope) {
  for (const ast::Expr& operand : expr.operands) CheckNumber(operand, scope);
  if (expr.kind == ast::Expr::Kind::kCall) {
    diagnostics_.Report(kNotANumber, expr.location,
                        absl::StrCat("'", expr.text, "(...)' is not a number"));
  }
  if (expr.kind == ast::Expr::Kind::kString) {
    diagnostics_.Report(kNotANumber, expr.location, "a text where a number is needed");
  }
  if (expr.kind != ast::Expr::Kind::kName) return;
  used_.insert(expr.text);
  if (scope.numbers.count(expr.text) > 0 || absl::c_linear_search(Constants(), expr.text)) return;
  std::vector<std::string> known(scope.numbers.begin(), scope.numbers.end());
  diagnostics_.Report(kUnknownName, expr.location, absl::StrCat("unknown name '", expr.text, "'"))
      .fix = DidYouMean(expr.text, known);
}

}  // namespace nasc
