#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// How the code of DARTS (Liu, Simonyan and Yang, ICLR 2019) writes two cells: of each, node by node
// the operation of every edge and the value that it takes, and then the nodes that are joined; 0
// and 1 are the outputs of the last two cells, 2 the first node.
//
//   Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ...], normal_concat=range(2, 6),
//            reduce=[...], reduce_concat=range(2, 6))
//
// Operations are written by the names that the space gives them.
class DartsNotation {
 public:
  // Error: the space is not cells `normal` and `reduction` of nodes that take two of all earlier
  // values, with one operation an edge.
  static absl::StatusOr<DartsNotation> For(const ir::Graph& graph);

  // On one line. Edges of a node are in the order of the values that they take.
  std::string Write(const Architecture& architecture) const;

  // The same with spaces and line breaks anywhere, in any order of the edges of a node and of the
  // parts, and with lists of numbers for range(a, b). Error: what is wrong with the text.
  absl::StatusOr<Architecture> Read(absl::string_view text) const;

 private:
  struct Node {
    ir::DecisionId edges = -1;
    std::vector<ir::DecisionId> operations;  // by the value that is taken
  };
  struct Cell {
    std::string name;  // in the notation: "normal", "reduce"
    std::vector<Node> nodes;
  };
  using Edge = std::pair<std::string, int64_t>;  // operation, value taken

  absl::Status TakeEdges(const Cell& cell, const std::vector<Edge>& edges,
                         Architecture& architecture) const;

  std::vector<Cell> cells_;
  std::vector<ir::Decision> all_;
};

}  // namespace nasc
