#include "dsl/check.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/check_cell.h"
#include "dsl/check_chain.h"
#include "dsl/check_circles.h"
#include "dsl/check_context.h"
#include "dsl/check_duplicates.h"
#include "dsl/check_network.h"
#include "dsl/check_number.h"
#include "dsl/check_require.h"
#include "dsl/check_unused.h"
#include "dsl/scope.h"

namespace nasc {
namespace {

// In scope in every operation, whatever calls it.
constexpr absl::string_view kContextNames[] = {"stride", "filters", "in_filters", "relaxed"};

class Checker {
 public:
  Checker(const Module& module, const Vocabulary& vocabulary, Diagnostics& diagnostics)
      : context_{module, vocabulary, diagnostics, &used_settings_, {}},
        numbers_(context_),
        chains_(context_, numbers_),
        file_(module.file) {
    for (const absl::string_view name : kContextNames) scope_.AddNumber(name);
    for (const ast::ScaleDecl& scale : file_.scales) {
      for (const ast::Assign& assign : scale.assigns) scope_.AddSetting(assign.name.text);
    }
  }

  void Check(bool root) {
    CheckDuplicates(file_, context_.diagnostics);
    CallGraph calls;
    std::vector<const ast::Identifier*> names;
    for (const ast::OpDecl& op : file_.operations) {
      CheckOp(op);
      calls[&op.name] = chains_.TakeCalled();
      names.push_back(&op.name);
    }
    for (const ast::OpsDecl& ops : file_.ops) {
      CheckOps(ops);
      calls[&ops.name] = chains_.TakeCalled();
      names.push_back(&ops.name);
    }
    CheckCircles(names, calls, context_.diagnostics);
    CellChecker cells(context_, numbers_, chains_);
    for (const ast::CellDecl& cell : file_.cells) cells.Check(cell, scope_);
    CheckHeader();
    CheckRequires();
    NetworkChecker(context_, numbers_, chains_).Check(scope_);
    const bool space = file_.header.has_value() && !file_.header->library;
    if (root && space && !context_.diagnostics.has_errors()) CheckUnused(context_);
  }

 private:
  void CheckOp(const ast::OpDecl& op) {
    Scope scope(&scope_);
    AddParams(op.params, scope);
    for (const ast::Choose& choose : op.chooses) numbers_.CheckChoose(choose, scope);
    for (const ast::Let& let : op.lets) {
      chains_.Check(let.value, scope);
      scope.AddValue(let.name);
    }
    chains_.Check(op.result, scope);
  }

  void CheckOps(const ast::OpsDecl& ops) {
    Scope scope(&scope_);
    AddParams(ops.params, scope);
    chains_.CheckCandidates(ops.candidates, ops.name, scope);
  }

  void AddParams(const std::vector<ast::Param>& params, Scope& scope) {
    for (const ast::Param& param : params) {
      if (param.default_value.has_value()) numbers_.Check(*param.default_value, scope);
      scope.AddParameter(param.name);
    }
  }

  // A requirement may name what the network chooses.
  void CheckRequires() {
    Scope scope(&scope_);
    for (const ast::NetworkDecl& network : file_.networks) {
      for (const ast::Choose& choose : network.chooses) scope.AddChoice(choose);
    }
    CheckRequirements(scope, numbers_, context_);
  }

  void CheckHeader() {
    const ast::File& file = file_;
    const bool library = file.header.has_value() && file.header->library;
    if (file.networks.empty() && file.header.has_value() && !library) {
      context_.diagnostics.Report(
          kMissingPart, file.header->name.location,
          absl::StrCat("space '", file.header->name.text, "' has no network"));
    }
    if (!file.networks.empty() && (library || !file.header.has_value())) {
      Diagnostic& diagnostic =
          context_.diagnostics.Report(kMisplaced, file.networks[0].location,
                                      library ? "a library has no network"
                                              : "a network in a file that does not name its space");
      diagnostic.fix = "begin the file with `space <name> version 1.0.0`";
    }
  }

  NameSet used_settings_;
  CheckContext context_;
  NumberChecker numbers_;
  ChainChecker chains_;
  const ast::File& file_;
  Scope scope_;
};

}  // namespace

void CheckSources(const Sources& sources, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  for (const std::unique_ptr<Module>& module : sources.modules()) {
    Checker(*module, vocabulary, diagnostics).Check(module.get() == &sources.root());
  }
}

std::optional<Space> SpaceOf(const Module& module) {
  const ast::File& file = module.file;
  if (!file.header.has_value() || file.header->library || file.networks.empty()) {
    return std::nullopt;
  }
  Space space;
  space.name = file.header->name.text;
  space.version = file.header->version;
  space.doc = file.header->doc;
  space.module = &module;
  space.network = &file.networks.front();
  for (const ast::ScaleDecl& scale : file.scales) space.scales.push_back(&scale);
  for (const ast::Require& require : file.requirements) space.requirements.push_back(&require);
  for (const ast::Renamed& renamed : file.renamed) space.renamed.push_back(&renamed);
  return space;
}

}  // namespace nasc
