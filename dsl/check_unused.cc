#include "dsl/check_unused.h"

#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnusedDefinition, "unused-definition", kWarning);

}  // namespace

void CheckUnused(CheckContext& context) {
  const auto check = [&](const ast::Identifier& name, absl::string_view what) {
    if (context.used.contains(&name)) return;
    context.diagnostics.Report(kUnusedDefinition, name.location,
                               absl::StrCat("nothing uses ", what, " '", name.text, "'"));
  };
  const auto check_all = [&](const auto& list, absl::string_view what) {
    for (const auto& element : list) check(element.name, what);
  };
  const ast::File& file = context.module.file;
  for (const ast::OpDecl& op : file.operations) {
    check(op.name, "operation");
    check_all(op.params, "parameter");
    check_all(op.chooses, "choice");
    check_all(op.lets, "value");
  }
  for (const ast::OpsDecl& ops : file.ops) {
    check(ops.name, "set of operations");
    check_all(ops.params, "parameter");
  }
  for (const ast::CellDecl& cell : file.cells) {
    check(cell.name, "cell");
    check_all(cell.chooses, "choice");
    for (const ast::NodeDecl& node : cell.nodes) check_all(node.chooses, "choice");
  }
  for (const ast::NetworkDecl& network : file.networks) check_all(network.chooses, "choice");
}

}  // namespace nasc
