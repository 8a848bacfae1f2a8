#pragma once

#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace nasc {

// Where the paths of a supernet branch: its select and subset instructions, and what of them
// reaches which others.
//
// Decisions are grouped by the first part of their path, the name of their cell. Of a group one
// instance counts, the first place of each decision, since the others do the same. A path begins at
// a value that does not depend on that instance, goes through selects, whose options are what it
// consists of, and through subsets, and is whole where something else takes its value. What `none`
// or `absent` gives is on no path. A group with more than `most_paths` paths in an architecture has
// none: they would cost more than they say.
struct PathPoints {
  struct Way {
    std::vector<int> points;      // earlier points whose paths come in
    std::vector<int> beginnings;  // paths that begin here, as numbers in `texts`
  };
  struct Point {
    ir::DecisionId decision = -1;
    bool select = false;         // its option is a step of the path
    std::vector<Way> ways;       // an option each
    std::vector<int> options;    // of a select: the names of options, as numbers in `texts`
    std::vector<Way> always;     // of a subset: `and`
    std::vector<Way> otherwise;  // of a subset: `else`
    bool whole = false;          // what arrives has passed the cell
  };

  std::vector<Point> points;       // in the order of the graph
  std::vector<bool> in_paths;      // by decision
  std::vector<std::string> texts;  // names of options and of beginnings
};

PathPoints FindPathPoints(const ir::Graph& supernet, double most_paths = 512);

}  // namespace nasc
