#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dsl/ast.h"
#include "dsl/check_context.h"
#include "dsl/check_number.h"
#include "dsl/scope.h"

namespace nasc {

// Checks the chains of a file: that every name in them means something, and that calls fit what
// they call.
class ChainChecker {
 public:
  ChainChecker(CheckContext& context, NumberChecker& numbers)
      : context_(context), numbers_(numbers) {}

  // Cells are called, and settings changed by `with`, in the body of a network only.
  enum class Place { kOperation, kBody };

  void Check(const ast::Chain& chain, const Scope& scope, Place place = Place::kOperation);

  // The candidates of a set that is called `name`, or of one without a name.
  void CheckCandidates(const std::vector<ast::Candidate>& candidates, const ast::Identifier& name,
                       const Scope& scope);

  // A cell in a stack or a body.
  void CheckCell(const ast::Step& step);

  // `with width *= 2`
  void CheckWith(const std::vector<ast::Assign>& assigns, const Scope& scope);

  // Operations and sets of the file that were called since the last time this was asked.
  std::vector<const ast::Identifier*> TakeCalled() { return std::move(called_); }

 private:
  enum class Takes { kNumbers, kNumbersAndValues };

  void CheckStep(const ast::Step& step, const Scope& scope, Place place);
  void CheckCellInBody(const ast::Step& step);
  void CheckOneOf(const ast::Step& step, const Scope& scope);
  void CheckOptions(const ast::Step& step, const ast::Choose& choose);
  void CheckCall(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                 const Location& location, const Scope& scope);
  void ReportUnknown(const ast::Identifier& callee, const Scope& scope);
  void CheckCombined(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                     const Location& location, const Scope& scope);
  void CheckArgs(const ast::Identifier& callee, const ast::Identifier& definition,
                 const std::vector<ast::Param>& params, const std::vector<ast::Arg>& args,
                 bool passes_on, const Scope& scope);
  void CheckArgs(const ast::Identifier& callee, const std::vector<Signature::Param>& params,
                 const std::vector<std::string>& passed_on, Takes takes,
                 const std::vector<ast::Arg>& args, const Scope& scope, const Location& defined);
  void CheckArg(const ast::Identifier& callee, const ast::Arg& arg, Takes takes,
                const Scope& scope);
  bool CheckAsValue(const ast::Arg& arg, const Scope& scope);
  void Use(const ast::Identifier& name, const Module* defined_in);

  CheckContext& context_;
  NumberChecker& numbers_;
  std::vector<const ast::Identifier*> called_;
};

}  // namespace nasc
