#include "dsl/space.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc {

namespace {

template <typename T>
const T* Pointer(const std::optional<T>& part) {
  return part.has_value() ? &*part : nullptr;
}

template <typename T>
const T* Either(const std::optional<T>& own, const std::optional<T>& other) {
  return own.has_value() ? &*own : Pointer(other);
}

template <typename T>
std::vector<const T*> Pointers(const std::vector<T>& list) {
  std::vector<const T*> pointers;
  pointers.reserve(list.size());
  for (const T& element : list) pointers.push_back(&element);
  return pointers;
}

}  // namespace

std::vector<Module::Found<ast::CellDecl>> CellAndThoseItIsLike(const Module& module,
                                                               absl::string_view name) {
  std::vector<Module::Found<ast::CellDecl>> cells;
  Module::Found<ast::CellDecl> next = module.FindCell(name);
  while (next && cells.size() < kMaxLike) {
    for (const auto& earlier : cells) {
      if (earlier.decl == next.decl) return cells;
    }
    cells.push_back(next);
    if (!next.decl->like.has_value()) break;
    next = next.module->FindCell(next.decl->like->text);
  }
  return cells;
}

std::optional<Cell> ResolveCell(const Module& module, absl::string_view name) {
  const std::vector<Module::Found<ast::CellDecl>> cells = CellAndThoseItIsLike(module, name);
  if (cells.empty() || cells.back().decl->like.has_value()) return std::nullopt;
  Cell cell;
  cell.name = cells.front().decl->name.text;
  cell.location = cells.front().decl->name.location;
  cell.module = cells.front().module;
  cell.inputs = &cells.back().decl->inputs;
  for (auto it = cells.rbegin(); it != cells.rend(); ++it) {
    const ast::CellDecl& decl = *it->decl;
    if (!decl.inputs.empty()) cell.inputs = &decl.inputs;
    if (decl.adapt.has_value()) cell.adapt = &*decl.adapt;
    if (decl.output.has_value()) cell.output = &*decl.output;
    if (decl.stride.has_value()) cell.stride = &*decl.stride;
    if (!decl.chooses.empty()) cell.chooses = Pointers(decl.chooses);
    if (!decl.nodes.empty()) cell.nodes = Pointers(decl.nodes);
  }
  return cell;
}

NetworkParts PartsAt(const ast::NetworkDecl& network, const ast::ScaleDecl& scale) {
  NetworkParts parts;
  parts.input = Either(scale.input, network.input);
  parts.stem = Either(scale.stem, network.stem);
  parts.stack = Pointer(network.stack);
  parts.body = Pointer(network.body);
  parts.head = Either(scale.head, network.head);
  parts.auxiliary = Either(scale.auxiliary, network.auxiliary);
  return parts;
}

absl::StatusOr<const ast::ScaleDecl*> FindScale(const Space& space, absl::string_view name) {
  static const auto* const none = [] {
    auto* scale = new ast::ScaleDecl;
    scale->name.text = "default";
    return scale;
  }();
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
  return node.count.has_value() ? absl::StrCat(node.name.text, index) : node.name.text;
}

}  // namespace nasc
