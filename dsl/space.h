#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/sources.h"

namespace nasc {

// A cell as it is built: `like` is resolved, its parts come from the first cell that has them.
struct Cell {
  std::string name;
  Location location;
  const Module* module = nullptr;
  const std::vector<ast::CellInput>* inputs = nullptr;  // never nullptr in a resolved cell
  const ast::Chain* adapt = nullptr;                    // nullptr: inputs are taken as they are
  std::vector<const ast::Choose*> chooses;
  std::vector<const ast::NodeDecl*> nodes;
  const ast::Chain* output = nullptr;
  const ast::Expr* stride = nullptr;  // nullptr: 1
};

// The parts of a network at a scale; nullptr where there is none.
struct NetworkParts {
  const ast::Input* input = nullptr;
  const ast::Chain* stem = nullptr;
  const ast::Stack* stack = nullptr;
  const ast::Chain* body = nullptr;
  const ast::Chain* head = nullptr;
  const ast::Auxiliary* auxiliary = nullptr;
};

// A space that passed the checker: every name in it means something.
struct Space {
  std::string name;
  std::string version;
  std::string doc;
  const Module* module = nullptr;
  const ast::NetworkDecl* network = nullptr;
  std::vector<const ast::ScaleDecl*> scales;
  std::vector<const ast::Require*> requirements;
  std::vector<const ast::Renamed*> renamed;
};

// How many cells may be `like` each other in a row.
constexpr size_t kMaxLike = 100;

// The cell of that name and those that it is like, nearest first, as `module` sees them. Stops
// where a name is unknown, where they go in a circle, and after kMaxLike.
std::vector<Module::Found<ast::CellDecl>> CellAndThoseItIsLike(const Module& module,
                                                               absl::string_view name);

// The cell of that name as `module` sees it; nothing if there is none, or if what it is like cannot
// be followed to an end.
std::optional<Cell> ResolveCell(const Module& module, absl::string_view name);

// The parts of the network at a scale: those that the scale gives, else the network's.
NetworkParts PartsAt(const ast::NetworkDecl& network, const ast::ScaleDecl& scale);

// The scale of that name; the only one, or one without settings where none is declared, for "".
// Error: no such scale (with the names there are), or "" where there are several.
absl::StatusOr<const ast::ScaleDecl*> FindScale(const Space& space, absl::string_view name);

// What node `index` of `node` is called: `n0`, or the plain name where there is only one.
std::string NodeName(const ast::NodeDecl& node, int index);

}  // namespace nasc
