#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "strategies/evaluate/least_squares.h"

namespace nasc {

// Rows of numbers with what is to be told from them, column by column.
struct FitRows {
  std::vector<std::vector<double>> features;
  std::vector<double> target;
  size_t fitted = 0;  // the first so many are fitted, to the others what was fitted is applied
};

// A network whose nodes were fitted one after the other, each alone to the target.
struct NetworkFit {
  struct Node {
    ir::ValueId instruction = -1;  // an `affine` that the network needs
    LeastSquaresFit fit;           // its operands' coefficients, then the constant
  };
  std::vector<Node> nodes;   // in the order of the graph
  std::vector<double> told;  // for every row

  // How many coefficients count, in all nodes together.
  int parameters() const;
};

// Fits networks of a space that are made of `affine` surfaces over features, powers and products:
// the polynomials of Tenorio and Lee, NIPS 1988, and of GMDH before them. Node after node in the
// order of the graph,
//
//   w = argmin over w of  sum over rows of (target - (w_0 + w_1 z_1 + ... + w_m z_m))^2
//
// where z are the operands, of which earlier nodes are fitted by then. A node is fitted once,
// whatever network it is part of.
class NodeFitter {
 public:
  // The graph outlives the fitter. Error: a graph with an operation that cannot be fitted, such as
  // one with other weights.
  static absl::StatusOr<NodeFitter> Create(const ir::Graph& graph, FitRows rows);

  // Errors: fewer rows than a node has coefficients; OutOfRange where a value is not finite.
  absl::StatusOr<NetworkFit> Fit(const Architecture& architecture);

  const FitRows& rows() const { return rows_; }

 private:
  // What a value is computed from: an operation, its attribute, and what its operands are. Equal
  // values of different networks have the same number.
  using Structure = std::vector<int64_t>;
  using Column = std::vector<double>;

  NodeFitter(const ir::Graph& graph, FitRows rows);

  // Fits the instruction unless a node of that structure was fitted before.
  absl::StatusOr<const LeastSquaresFit*> FitNode(const ir::Instruction& instruction,
                                                 const std::vector<const Column*>& operands,
                                                 int64_t structure);

  const ir::Graph* graph_;
  FitRows rows_;
  absl::flat_hash_map<Structure, int64_t> structures_;
  absl::flat_hash_map<int64_t, LeastSquaresFit> fits_;  // by structure
  std::vector<Column> columns_;                         // by instruction, of the latest network
};

}  // namespace nasc
