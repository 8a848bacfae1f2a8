#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

// A relaxation says how decisions are executed. Each is a lowering of the supernet to a graph in
// which no instruction waits for a decision: select, subset and when_relaxed are gone.
namespace nasc {

// One architecture: of every decision only what it takes remains, with nothing that exists only
// while a decision is relaxed.
//
//   %c.n0.prev = select @normal.n0.prev.op [ none: %0, skip_connect: %1 ]   =>   %1
//   %c.n0      = subset @normal.n0.edges sum [ prev_prev: %2, prev: %3 ]    =>   sum(%2, %3)
absl::StatusOr<ir::Graph> Fix(const ir::Graph& supernet, const Architecture& architecture);

// DARTS (Liu, Simonyan and Yang, ICLR 2019, equation 2): a choice between operations becomes their
// sum, weighted by the softmax of the decision's logits; of a subset of edges all are taken.
//
//   %logits.normal.n0.prev.op  = logits @normal.n0.prev.op
//   %weights.normal.n0.prev.op = softmax(%logits.normal.n0.prev.op)
//   %c.n0.prev = mix(%weights.normal.n0.prev.op, %0, %1)
//
// Decisions about numbers are mixed like those between operations. Where options have unlike
// shapes, what follows is there once for each, until the shapes are the same again; weights are
// then parts of those of the widest option (see RelaxToSample), statistics are of each its own.
// With logits that take one architecture, the mixture computes what that architecture computes.
//
// Error: a value has too many variants, or depends on which edges are taken; or what the options
// say. It names the decision.
struct MixtureOptions {
  int64_t partial_channels = 1;     // one channel in so many is mixed: see partial_channels.h
  bool edge_normalization = false;  // edges have weights of their own: see edge_normalization.h
};
absl::StatusOr<ir::Graph> RelaxToMixture(const ir::Graph& supernet,
                                         const MixtureOptions& options = {});

// The mixture of a few options of every choice: `paths[d]` are those of decision d, all where that
// is empty. The others are not computed; the first path stands in their place, so the strategy
// gives them logits that make their weights zero. With two of them it is what ProxylessNAS runs to
// move its decisions (Cai, Zhu and Han, ICLR 2019, section 3.2.1). Error: as of RelaxToMixture.
absl::StatusOr<ir::Graph> RelaxToPaths(const ir::Graph& supernet,
                                       const std::vector<std::vector<int>>& paths);

// One option of every choice, drawn by the strategy, in the supernet as it is while relaxed:
// `taken` picks one option of each decision of one, and of each subset those edges that are to be
// computed, which may be all. Only these run. The option of a choice between operations passes its
// gradient on to the weights of the decision as if it were multiplied by its weight, which is 1
// when it is drawn: the Gumbel-softmax with straight-through gradients of GDAS (Dong and Yang, CVPR
// 2019, equations 3 and 4), where the strategy gives (logits + noise) / temperature as the logits;
// for strategies with a score function the same without the gradient. A decision about a number
// passes it on where it picks one of several values, as a depth does; not where it makes a kernel
// or a width, as the batch norm that follows takes a factor away again. Of a weight whose shape
// depends on decisions about numbers, a sample has a part: the first channels and the middle of the
// window, as once-for-all networks share them (Cai et al., ICLR 2020).
//
//   %weights.normal.n0.prev.op = softmax(%logits.normal.n0.prev.op)
//   %c.n0.prev = pick(%weights.normal.n0.prev.op, %1) { index = 1 }
absl::StatusOr<ir::Graph> RelaxToSample(const ir::Graph& supernet, const Architecture& taken);

}  // namespace nasc
