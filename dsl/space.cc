#include "dsl/space.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc {

std::optional<Cell> ResolveCell(const Module& module, absl::string_view name) {
  Cell cell;
  std::vector<const ast::CellDecl*> visited;
  std::string next(name);
  const Module* in = &module;
  while (true) {
    const Module::Found<ast::CellDecl> found = in->FindCell(next);
    if (!found) return std::nullopt;
    const ast::CellDecl& decl = *found.decl;
    for (const ast::CellDecl* earlier : visited) {
      if (earlier == &decl) return std::nullopt;  // `like` in a circle, which the checker reports
    }
    if (visited.empty()) {
      cell.name = decl.name.text;
      cell.location = decl.name.location;
      cell.module = found.module;
    }
    visited.push_back(&decl);
    if (cell.inputs.empty()) {
      for (const ast::Identifier& input : decl.inputs) cell.inputs.push_back(input.text);
    }
    if (cell.adapt == nullptr && decl.adapt.has_value()) cell.adapt = &*decl.adapt;
    if (cell.output == nullptr && decl.output.has_value()) cell.output = &*decl.output;
    if (cell.stride == nullptr && decl.stride.has_value()) cell.stride = &*decl.stride;
    if (cell.nodes.empty()) {
      for (const ast::NodeDecl& node : decl.nodes) cell.nodes.push_back(&node);
    }
    if (!decl.like.has_value()) return cell;
    next = decl.like->text;
    in = found.module;
  }
}

absl::StatusOr<const ast::ScaleDecl*> FindScale(const Space& space, absl::string_view name) {
  static const auto* const none = new ast::ScaleDecl{{"default", {}}, "", {}};
  std::vector<std::string> names;
  for (const ast::ScaleDecl* scale : space.scales) {
    if (scale->name.text == name) return scale;
    names.push_back(scale->name.text);
  }
  if (name.empty() && space.scales.size() == 1) return space.scales.front();
  if (space.scales.empty() && (name.empty() || name == "default")) return none;
  const std::string known =
      names.empty() ? "it declares none" : absl::StrCat("it has ", absl::StrJoin(names, ", "));
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("space ", space.name, " has several scales, name one: ", known));
  }
  return absl::NotFoundError(
      absl::StrCat("space ", space.name, " has no scale '", name, "'; ", known));
}

std::string NodeName(const ast::NodeDecl& node, int index) {
  return absl::StrCat(node.name.text, index);
}

}  // namespace nasc
