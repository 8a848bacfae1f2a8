#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "strategies/learn/path_points.h"

namespace nasc {

// The paths of an architecture as features (White et al., AAAI 2021, section 3): a feature is a
// sequence of operations on a way from the input of a cell to its output, and it is one where the
// architecture has such a way. Cells that are equal but for the order of their nodes look the same.
//
// Which paths a graph has is said in path_points.h. Decisions that are on no path (numbers, or
// those of a cell with too many paths) are features by themselves, one an option.
class PathEncoding {
 public:
  explicit PathEncoding(const ir::Graph& supernet);

  // Features have numbers from 0 in the order in which `Encode` first sees them.
  size_t features() const { return features_.size(); }

  // The features of an architecture, ascending. New ones get numbers.
  std::vector<int> Encode(const Architecture& architecture);
  // The same, without those that have no number yet.
  std::vector<int> EncodeKnown(const Architecture& architecture);

  // "stem.bn conv skip": where a path begins and the options on it; "cell.depth = 3".
  std::string Text(int feature) const;

 private:
  // A path is its last step and the path before that: (-1, beginning), (path, option). A decision
  // on no path is (-2 - decision, option).
  using Step = std::pair<int, int>;

  const std::vector<int>& Paths(const Architecture& architecture);
  int Intern(Step step);

  std::vector<ir::Decision> decisions_;
  PathPoints points_;
  std::vector<std::vector<int>> at_point_;  // paths that end there, while encoding
  std::vector<int> paths_;                  // of the last architecture
  std::vector<Step> steps_;                 // by path
  absl::flat_hash_map<Step, int> interned_;
  std::vector<int> feature_of_;  // by path; -1: none yet
  std::vector<int> features_;    // the paths that are features
};

}  // namespace nasc
