#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/sources.h"

namespace nasc {

// A cell as it is built: `like` is resolved, its parts come from the cell that has them.
struct Cell {
  std::string name;
  Location location;
  const Module* module = nullptr;
  std::vector<std::string> inputs;
  const ast::Chain* adapt = nullptr;  // nullptr: inputs are taken as they are
  std::vector<const ast::NodeDecl*> nodes;
  const ast::Chain* output = nullptr;
  const ast::Expr* stride = nullptr;  // nullptr: 1
};

// A space that passed the checker: every name in it means something.
struct Space {
  std::string name;
  std::string version;
  std::string doc;
  const Module* module = nullptr;
  const ast::NetworkDecl* network = nullptr;
  std::vector<const ast::ScaleDecl*> scales;
};

// The cell of that name as `module` sees it; nothing if there is none.
std::optional<Cell> ResolveCell(const Module& module, absl::string_view name);

// The scale of that name; the only one, or one without settings where none is declared, for "".
// Error: no such scale (with the names there are), or "" where there are several.
absl::StatusOr<const ast::ScaleDecl*> FindScale(const Space& space, absl::string_view name);

// The decisions' merge and output chains name values; this is the name of node `index` of `node`.
std::string NodeName(const ast::NodeDecl& node, int index);

}  // namespace nasc
