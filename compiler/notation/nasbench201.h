#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// How NAS-Bench-201 (Dong and Yang, ICLR 2020) writes a cell: node by node, of every edge the
// operation and where it comes from; 0 is the cell's input, 1 the first node.
//
//   |nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|
//
// Operations are written by the names that the space gives them.
class NasBench201Notation {
 public:
  // Error: the space is not one cell in which every node takes all earlier values, with one
  // operation an edge.
  static absl::StatusOr<NasBench201Notation> For(const ir::Graph& graph);

  std::string Write(const Architecture& architecture) const;

  // Error: what is wrong with the text.
  absl::StatusOr<Architecture> Read(absl::string_view text) const;

  // The text by which the benchmark's authors find equal cells: skip_connect is what it takes, none
  // and what is computed from none alone is "#", the terms of a sum are sorted, those of sums
  // inside sums stay together, and "#" stays in sums. It counts 6,466 cells.
  std::string UniqueText(const Architecture& architecture) const;

 private:
  // decisions_[node][source] is that edge's.
  std::vector<std::vector<ir::DecisionId>> decisions_;
  std::vector<ir::Decision> all_;

  const std::string& Operation(const Architecture& architecture, size_t node, size_t source) const;
};

}  // namespace nasc
