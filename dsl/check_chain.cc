#include "dsl/check_chain.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"
#include "dsl/space.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnknownOps, "unknown-ops", kError);
NASC_DIAGNOSTIC(kNoCandidates, "no-candidates", kError);

}  // namespace

void ChainChecker::Use(const ast::Identifier& name, const Module* defined_in) {
  if (defined_in != &context_.module) return;
  context_.used.insert(&name);
  called_.push_back(&name);
}

void ChainChecker::Check(const ast::Chain& chain, const Scope& scope, Place place) {
  for (const ast::Step& step : chain.steps) CheckStep(step, scope, place);
}

void ChainChecker::CheckStep(const ast::Step& step, const Scope& scope, Place place) {
  if (place == Place::kBody) {
    CheckWith(step.with, scope);
  } else {
    for (const ast::Assign& assign : step.with) {
      context_.diagnostics.Report(
          kMisplaced, assign.name.location,
          "`with` stands in a stack's rule or in the body of a network, nowhere else");
    }
  }
  switch (step.kind) {
    case ast::Step::Kind::kNone:
      break;
    case ast::Step::Kind::kWhen:
    case ast::Step::Kind::kRepeat:
      numbers_.Check(step.condition[0], scope);
      for (const ast::Chain& branch : step.branches) Check(branch, scope, place);
      break;
    case ast::Step::Kind::kOneOf:
      CheckOneOf(step, scope);
      break;
    case ast::Step::Kind::kCall:
      if (place == Place::kBody && context_.module.FindCell(step.callee.text)) {
        CheckCellInBody(step);
      } else {
        CheckCall(step.callee, step.args, step.location, scope);
      }
      break;
  }
}

void ChainChecker::CheckCellInBody(const ast::Step& step) {
  CheckCell(step);
  for (const auto& cell : CellAndThoseItIsLike(context_.module, step.callee.text)) {
    const size_t inputs = cell.decl->inputs.size();
    if (inputs == 0) continue;
    if (inputs == 1) return;
    context_.diagnostics
        .Report(kMisplaced, step.callee.location,
                absl::StrCat("cell '", step.callee.text, "' has ", inputs,
                             " inputs; a body calls cells of one"))
        .fix = "a `stack` gives a cell the outputs of the two before it";
    return;
  }
}

void ChainChecker::CheckCell(const ast::Step& step) {
  const Module::Found<ast::CellDecl> cell = context_.module.FindCell(step.callee.text);
  if (!step.args.empty()) {
    context_.diagnostics
        .Report(kTooManyArguments, step.location,
                absl::StrCat("cell '", step.callee.text, "' takes no arguments"))
        .fix = "`with width = ...` sets what a cell uses";
  }
  if (cell) {
    if (cell.module == &context_.module) context_.used.insert(&cell.decl->name);
    context_.used_settings->insert("width");  // of every cell
  } else {
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kUnknownCell, step.callee.location, absl::StrCat("unknown cell '", step.callee.text, "'"));
    context_.Suggest(diagnostic, step.callee.text, [&] { return context_.module.CellNames(); });
  }
}

void ChainChecker::CheckWith(const std::vector<ast::Assign>& assigns, const Scope& scope) {
  for (const ast::Assign& assign : assigns) {
    numbers_.Check(assign.value, scope);
    const Scope::Name* name = scope.Find(assign.name.text);
    if (name != nullptr && name->kind == Scope::Kind::kSetting) {
      numbers_.Use(*name, assign.name.text);
      continue;
    }
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kUnknownName, assign.name.location, absl::StrCat("no scale sets '", assign.name.text, "'"));
    context_.Suggest(diagnostic, assign.name.text, [&] { return scope.Settings(); });
  }
}

void ChainChecker::CheckOneOf(const ast::Step& step, const Scope& scope) {
  if (step.inline_set) {
    const Scope::Name* name = scope.Find(step.callee.text);
    if (name != nullptr) numbers_.Use(*name, step.callee.text);
    if (name != nullptr && name->kind == Scope::Kind::kChoice) CheckOptions(step, *name->choose);
    CheckCandidates(step.candidates, step.callee, scope);
    return;
  }
  const Module::Found<ast::OpsDecl> ops = context_.module.FindOps(step.callee.text);
  if (ops) {
    Use(ops.decl->name, ops.module);
    CheckArgs(step.callee, ops.decl->name, ops.decl->params, step.args, /*passes_on=*/false, scope);
    return;
  }
  Diagnostic& diagnostic = context_.diagnostics.Report(
      kUnknownOps, step.callee.location,
      absl::StrCat("unknown set of operations '", step.callee.text, "'"));
  const Scope::Name* name = scope.Find(step.callee.text);
  if (name != nullptr) {
    diagnostic.fix = absl::StrCat("`one of ", step.callee.text, " { ... }` chooses by that number");
  } else {
    context_.Suggest(diagnostic, step.callee.text, [&] { return context_.module.OpsNames(); });
  }
}

// `one of kind { ... }` has a candidate for every option of `kind`, and no other.
void ChainChecker::CheckOptions(const ast::Step& step, const ast::Choose& choose) {
  const NameSet symbols = SymbolsOf(choose);
  NameSet names;
  bool known = true;
  for (const ast::Candidate& candidate : step.candidates) {
    names.insert(candidate.name.text);
    if (symbols.contains(candidate.name.text)) continue;
    known = false;
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kNotAnOption, candidate.name.location,
        absl::StrCat("'", candidate.name.text, "' is no option of '", choose.name.text, "'"));
    diagnostic.notes.push_back({choose.name.location, "it is chosen here"});
    context_.Suggest(diagnostic, candidate.name.text, [&] {
      std::vector<std::string> options(symbols.begin(), symbols.end());
      absl::c_sort(options);
      return options;
    });
  }
  if (!known) return;  // one of these is likely what is missing
  for (const ast::Expr& option : choose.options) {
    const std::string text = PrintExpr(option);
    if (names.contains(text)) continue;
    context_.diagnostics
        .Report(kNotAnOption, step.callee.location,
                absl::StrCat("no candidate for option ", text, " of '", choose.name.text, "'"))
        .notes.push_back({option.location, "the option is here"});
  }
}

void ChainChecker::CheckCandidates(const std::vector<ast::Candidate>& candidates,
                                   const ast::Identifier& name, const Scope& scope) {
  bool real = false;
  std::vector<const ast::Identifier*> names;
  for (const ast::Candidate& candidate : candidates) {
    names.push_back(&candidate.name);
    real |= !candidate.relaxed;
    if (candidate.chain.has_value()) {
      Check(*candidate.chain, scope);
    } else if (!candidate.none) {
      CheckCall(candidate.name, {}, candidate.name.location, scope);
    }
  }
  CheckUnique(names, "candidate", context_.diagnostics);
  if (real) return;
  context_.diagnostics.Report(
      kNoCandidates, name.location,
      absl::StrCat(name.text.empty() ? "the set" : absl::StrCat("'", name.text, "'"),
                   " has no candidate that a result may contain"));
}

}  // namespace nasc
