#include "dsl/check_cell.h"

#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "dsl/space.h"

namespace nasc {

bool CellValues::IsNode(absl::string_view name) const {
  if (nodes_.contains(name)) return true;
  // `n0` of `node n[4]`; whether there are so many is known once they are counted.
  size_t digits = name.size();
  while (digits > 0 && absl::ascii_isdigit(name[digits - 1])) --digits;
  uint32_t index = 0;
  if (digits == name.size() || !absl::SimpleAtoi(name.substr(digits), &index)) return false;
  const auto it = nodes_.find(name.substr(0, digits));
  if (it == nodes_.end() || !it->second->count.has_value()) return false;
  const ast::Expr& most = it->second->most.has_value() ? *it->second->most : *it->second->count;
  const std::optional<Rational> literal = LiteralOf(most);
  return !literal.has_value() || Rational(index) < *literal;
}

std::vector<std::string> CellValues::Names() const {
  std::vector<std::string> names = NodeNames();
  for (const absl::string_view input : inputs_) names.emplace_back(input);
  absl::c_sort(names);
  return names;
}

std::vector<std::string> CellValues::NodeNames() const {
  std::vector<std::string> names;
  for (const auto& node : nodes_) names.emplace_back(node.first);
  absl::c_sort(names);
  return names;
}

void CellChecker::Check(const ast::CellDecl& cell, const Scope& outer) {
  Parts parts;
  if (!FindParts(cell, parts)) return;
  CheckInputs(cell, parts);
  CheckInherited(cell, parts);
  Scope scope(&outer);
  for (const ast::Choose& choose : cell.chooses) numbers_.CheckChoose(choose, scope);
  if (parts.chooses != nullptr && parts.chooses != &cell) {
    for (const ast::Choose& choose : parts.chooses->chooses) scope.AddChoice(choose);
  }
  if (cell.stride.has_value()) numbers_.Check(*cell.stride, scope);
  if (cell.adapt.has_value()) {
    Scope adapt(&scope);
    adapt.AddNumber("same_size");
    chains_.Check(*cell.adapt, adapt);
  }
  CellValues values;
  if (parts.inputs != nullptr) {
    for (const ast::CellInput& input : parts.inputs->inputs) values.AddInput(input.name);
  }
  for (const ast::NodeDecl& node : cell.nodes) CheckNode(node, scope, values);
  if (!cell.output.has_value() && cell.nodes.empty()) return;
  if (cell.nodes.empty() && parts.nodes != nullptr) {
    for (const ast::NodeDecl& node : parts.nodes->nodes) values.AddNode(node);
  }
  if (parts.output != nullptr) CheckOutput(*parts.output->output, values);
}

// Whether what the cell is like is known; if not, that is reported.
bool CellChecker::FindParts(const ast::CellDecl& cell, Parts& parts) {
  const auto cells = CellAndThoseItIsLike(context_.module, cell.name.text);
  if (cells.front().decl != &cell) return false;  // a second one of that name
  const ast::CellDecl& last = *cells.back().decl;
  if (last.like.has_value()) {
    const Module::Found<ast::CellDecl> next = cells.back().module->FindCell(last.like->text);
    if (!next && &last == &cell) {
      Diagnostic& diagnostic = context_.diagnostics.Report(
          kUnknownCell, cell.like->location, absl::StrCat("unknown cell '", cell.like->text, "'"));
      context_.Suggest(diagnostic, cell.like->text, [&] { return context_.module.CellNames(); });
    } else if (next.decl == &cell) {
      context_.diagnostics.Report(kRecursion, cell.name.location,
                                  absl::StrCat("cell '", cell.name.text, "' is like itself"));
    } else if (next && cells.size() == kMaxLike) {
      context_.diagnostics.Report(
          kRecursion, cell.name.location,
          absl::StrCat("cell '", cell.name.text, "' is like ", kMaxLike, " others in a row"));
    }
    return false;  // what another cell is like is reported there
  }
  for (const auto& [decl, module] : cells) {
    if (parts.inputs == nullptr && !decl->inputs.empty()) parts.inputs = decl;
    if (parts.nodes == nullptr && !decl->nodes.empty()) parts.nodes = decl;
    if (parts.chooses == nullptr && !decl->chooses.empty()) parts.chooses = decl;
    if (parts.output == nullptr && decl->output.has_value()) parts.output = decl;
    if (parts.adapt == nullptr && decl->adapt.has_value()) parts.adapt = decl;
    if (decl != &cell && module == &context_.module) context_.used.insert(&decl->name);
  }
  const auto missing = [&](absl::string_view what) {
    context_.diagnostics.Report(kMissingPart, cell.name.location,
                                absl::StrCat("cell '", cell.name.text, "' has no ", what));
  };
  if (parts.inputs == nullptr) missing("inputs");
  if (parts.nodes == nullptr) missing("nodes");
  if (parts.output == nullptr) missing("output");
  return true;
}

void CellChecker::CheckInputs(const ast::CellDecl& cell, const Parts& parts) {
  if (parts.inputs != &cell) return;
  if (cell.inputs.size() > 2) {
    context_.diagnostics.Report(kMisplaced, cell.inputs[2].name.location,
                                "a cell takes the outputs of the last one or two cells, not more");
  }
  for (const ast::CellInput& input : cell.inputs) {
    if (!input.each || cell.inputs.size() == 1) continue;
    context_.diagnostics.Report(kMisplaced, input.name.location,
                                "`each` stands before the only input of a cell");
  }
}

// Names that what is taken over from another cell needs here as well.
void CellChecker::CheckInherited(const ast::CellDecl& cell, const Parts& parts) {
  if (!cell.like.has_value() || context_.diagnostics.has_errors()) return;
  const auto missing = [&](absl::string_view what, const ast::Identifier& name) {
    context_.diagnostics
        .Report(kMissingPart, cell.name.location,
                absl::StrCat("cell '", cell.name.text, "' has no ", what, " '", name.text,
                             "', which what it takes over names"))
        .notes.push_back({name.location, "it is named here"});
  };
  if (parts.inputs == &cell && parts.nodes != &cell && parts.nodes != nullptr) {
    absl::flat_hash_set<absl::string_view> inputs;
    for (const ast::CellInput& input : cell.inputs) inputs.insert(input.name.text);
    for (const ast::Identifier* name : InputsNamedBy(*parts.nodes)) {
      if (!inputs.contains(name->text)) missing("input", *name);
    }
  }
  const ast::CellDecl& base = *context_.module.FindCell(cell.like->text).decl;
  if (cell.chooses.empty() || base.chooses.empty()) return;
  const bool whole = !cell.nodes.empty() && cell.output.has_value() &&
                     (parts.adapt == nullptr || parts.adapt == &cell);
  if (whole) return;
  absl::flat_hash_set<absl::string_view> chosen;
  for (const ast::Choose& choose : cell.chooses) chosen.insert(choose.name.text);
  for (const ast::Choose& choose : base.chooses) {
    if (!chosen.contains(choose.name.text)) {
      missing("choice", choose.name);
      return;
    }
  }
}

const std::vector<const ast::Identifier*>& CellChecker::InputsNamedBy(const ast::CellDecl& cell) {
  const auto [it, fresh] = named_inputs_.try_emplace(&cell);
  std::vector<const ast::Identifier*>& names = it->second;
  if (!fresh) return names;
  CellValues nodes;
  absl::flat_hash_set<absl::string_view> seen;
  const auto add = [&](const ast::Identifier& name) {
    if (!nodes.IsNode(name.text) && seen.insert(name.text).second) names.push_back(&name);
  };
  for (const ast::NodeDecl& node : cell.nodes) {
    nodes.AddNode(node);
    if (node.edges.has_value() && node.edges->otherwise.has_value()) add(*node.edges->otherwise);
    if (node.edges.has_value() && node.edges->source.has_value()) {
      for (const ast::Identifier& name : node.edges->source->names) add(name);
    }
    if (!node.slots.has_value()) continue;
    for (const ast::Identifier& name : node.slots->source.names) add(name);
  }
  return names;
}

}  // namespace nasc
