#pragma once

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Edge normalisation of PC-DARTS (Xu et al., ICLR 2020, section 3.3, equation 3): of a subset of
// edges, whose values are summed, each is multiplied by the softmax of logits that the subset has
// of its own. What is always taken beside the subset is added as it is. A subset of one edge stays:
// there is nothing to compare it with.
//
//   %logits.n0.edges  = logits @n0.edges
//   %weights.n0.edges = softmax(%logits.n0.edges)
//   %n0 = mix(%weights.n0.edges, %n0.prev_prev, %n0.prev)
//
// The result is a supernet for a relaxation that takes all edges. Error: the edges of a subset are
// merged otherwise than by `sum`; it names the decision.
absl::StatusOr<ir::Graph> NormalizeEdges(const ir::Graph& supernet);

}  // namespace nasc
