#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"

// Names of one version of a space in the next one.
namespace nasc {

// One line `renamed FROM -> TO` of the new version.
//
// Where the two differ in their last part only, `normal.n1 -> normal.first`, everything of that
// name below what comes before it has the new name: paths of decisions and options of decisions
// below `normal`, so that the edges from the node go with it. With nothing before it,
// `skip -> skip_connect`, that is everywhere. Else, `normal.n1 -> reduction.n4`, it is the
// decisions below the path alone that moved.
struct Rename {
  std::string from;
  std::string to;

  friend bool operator==(const Rename& a, const Rename& b) {
    return a.from == b.from && a.to == b.to;
  }
};

// Whether a decision or an option is called so, below what comes before the last part: what a
// rename may name.
bool IsName(absl::string_view name, const std::vector<ir::Decision>& decisions);

class Renames {
 public:
  Renames() = default;
  // `decisions` are those of the old version.
  Renames(const std::vector<Rename>& renames, const std::vector<ir::Decision>& decisions);

  // Those that came with a version: the lines that the version before had are about earlier ones.
  static std::vector<Rename> Since(const std::vector<Rename>& before,
                                   const std::vector<Rename>& after);

  // Of a decision: "normal.n1.edges" -> "normal.first.edges".
  std::string Path(absl::string_view path) const;
  // Of an option of the decision with that old path.
  std::string Option(absl::string_view path, absl::string_view option) const;
  // Of a weight or an instruction, in which the parts of a path follow those of its place in the
  // network and the cell, which a path begins with, has a number where there are several:
  // "stage0.cell1.normal.n1.prev.conv.weight", "reduction0.n1.prev.conv.weight".
  std::string Name(absl::string_view name) const;

 private:
  struct Rule {
    std::vector<std::string> before;  // the parts before the last
    std::vector<std::string> from;    // all parts
    std::vector<std::string> to;
    bool in_place = false;  // only the last part differs
  };

  // The parts of a path or a name with the rules applied, each beginning at the first part, or
  // where `anywhere`, at any.
  std::vector<std::string> Apply(const std::vector<std::string>& parts, bool anywhere) const;

  std::vector<Rule> rules_;
  std::vector<std::string> cells_;  // what paths begin with
};

}  // namespace nasc
