#include "dsl/check_duplicates.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/check_chain.h"

namespace nasc {
namespace {

template <typename List>
void CheckUnique(const List& list, absl::string_view what, Diagnostics& diagnostics) {
  std::map<std::string, Location> seen;
  for (const ast::Identifier* name : list) {
    const auto [it, fresh] = seen.emplace(name->text, name->location);
    if (fresh) continue;
    diagnostics
        .Report(kDuplicate, name->location, absl::StrCat("a second ", what, " '", name->text, "'"))
        .notes.push_back({it->second, "the first is here"});
  }
}

}  // namespace

void CheckDuplicates(const ast::File& file, Diagnostics& diagnostics) {
  std::vector<const ast::Identifier*> names;
  for (const auto& op : file.operations) {
    names.push_back(&op.name);
    std::vector<const ast::Identifier*> values;
    for (const auto& param : op.params) values.push_back(&param.name);
    for (const auto& let : op.lets) values.push_back(&let.name);
    CheckUnique(values, "value", diagnostics);
  }
  CheckUnique(names, "operation", diagnostics);
  names.clear();
  for (const auto& ops : file.ops) {
    names.push_back(&ops.name);
    std::vector<const ast::Identifier*> candidates;
    for (const auto& candidate : ops.candidates) candidates.push_back(&candidate.name);
    CheckUnique(candidates, "candidate", diagnostics);
  }
  CheckUnique(names, "set of operations", diagnostics);
  names.clear();
  for (const auto& cell : file.cells) {
    names.push_back(&cell.name);
    std::vector<const ast::Identifier*> values;
    for (const auto& input : cell.inputs) values.push_back(&input);
    for (const auto& node : cell.nodes) values.push_back(&node.name);
    CheckUnique(values, "value", diagnostics);
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
  for (size_t i = 1; i < file.networks.size(); ++i) {
    diagnostics.Report(kDuplicate, file.networks[i].location, "a second network")
        .notes.push_back({file.networks[0].location, "the first is here"});
  }
}

}  // namespace nasc
