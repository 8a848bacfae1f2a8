#include "dsl/check_duplicates.h"

#include <vector>

#include "dsl/check_context.h"

namespace nasc {
namespace {

void CheckChooses(const std::vector<ast::Choose>& chooses, Diagnostics& diagnostics) {
  std::vector<const ast::Identifier*> names;
  for (const auto& choose : chooses) names.push_back(&choose.name);
  CheckUnique(names, "choice", diagnostics);
}

}  // namespace

void CheckDuplicates(const ast::File& file, Diagnostics& diagnostics) {
  std::vector<const ast::Identifier*> names;
  for (const auto& op : file.operations) {
    names.push_back(&op.name);
    std::vector<const ast::Identifier*> values;
    for (const auto& param : op.params) values.push_back(&param.name);
    for (const auto& choose : op.chooses) values.push_back(&choose.name);
    for (const auto& let : op.lets) values.push_back(&let.name);
    CheckUnique(values, "value", diagnostics);
  }
  CheckUnique(names, "operation", diagnostics);
  names.clear();
  for (const auto& ops : file.ops) {
    names.push_back(&ops.name);
    std::vector<const ast::Identifier*> params;
    for (const auto& param : ops.params) params.push_back(&param.name);
    CheckUnique(params, "value", diagnostics);
  }
  CheckUnique(names, "set of operations", diagnostics);
  names.clear();
  for (const auto& cell : file.cells) {
    names.push_back(&cell.name);
    std::vector<const ast::Identifier*> values;
    for (const auto& input : cell.inputs) values.push_back(&input.name);
    for (const auto& node : cell.nodes) values.push_back(&node.name);
    CheckUnique(values, "value", diagnostics);
    CheckChooses(cell.chooses, diagnostics);
    for (const auto& node : cell.nodes) CheckChooses(node.chooses, diagnostics);
  }
  CheckUnique(names, "cell", diagnostics);
  names.clear();
  for (const auto& scale : file.scales) {
    names.push_back(&scale.name);
    std::vector<const ast::Identifier*> settings;
    for (const auto& assign : scale.assigns) settings.push_back(&assign.name);
    CheckUnique(settings, "setting", diagnostics);
  }
  CheckUnique(names, "scale", diagnostics);
  names.clear();
  for (const auto& search : file.searches) names.push_back(&search.name);
  CheckUnique(names, "search", diagnostics);
  for (const auto& network : file.networks) CheckChooses(network.chooses, diagnostics);
  for (size_t i = 1; i < file.networks.size(); ++i) {
    diagnostics.Report(kDuplicate, file.networks[i].location, "a second network")
        .notes.push_back({file.networks[0].location, "the first is here"});
  }
}

}  // namespace nasc
