#pragma once

#include <set>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "dsl/vocabulary.h"

namespace nasc {

// Kinds that other parts of the checker report as well.
extern const DiagnosticKind kDuplicate;
extern const DiagnosticKind kUnknownName;
extern const DiagnosticKind kMissingArgument;
extern const DiagnosticKind kTooManyArguments;
extern const DiagnosticKind kMisplaced;

// Checks chains and numbers of a file: that every name in them means something, and that calls fit
// what they call.
class ChainChecker {
 public:
  using NameSet = std::set<std::string>;

  // What a chain may name.
  struct Scope {
    NameSet numbers;  // parameters, arguments, context
    NameSet values;   // `let` names
  };

  ChainChecker(const Module& module, const Vocabulary& vocabulary, Diagnostics& diagnostics)
      : module_(module), vocabulary_(vocabulary), diagnostics_(diagnostics) {}

  void Check(const ast::Chain& chain, const Scope& scope);
  void CheckCall(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                 const Location& location, const Scope& scope);
  void CheckNumber(const ast::Expr& expr, const Scope& scope);

  // Names that numbers used so far.
  NameSet& used() { return used_; }

 private:
  void CheckArgs(const ast::Identifier& callee, const std::vector<Signature::Param>& params,
                 const std::vector<std::string>& passed_on, const std::vector<ast::Arg>& args,
                 const Scope& scope, const Location& defined);

  const Module& module_;
  const Vocabulary& vocabulary_;
  Diagnostics& diagnostics_;
  NameSet used_;
};

}  // namespace nasc
