#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Partial channel connections of PC-DARTS (Xu et al., ICLR 2020, section 3.2, equation 2): of the
// value that a choice between operations takes, one channel in `k` goes through the operations and
// the others go past them, or through a max pool where the operations make the image smaller; then
// the channels are shuffled, so that others go through the next choice. A supernet for a
// relaxation: every width within a choice is a k-th of itself, weights have that shape, and
// what exists only once decisions are fixed is gone.
//
//   %through.x = slice(%x) { first = 0, channels = 4 }
//   %past.x    = slice(%x) { first = 4, channels = 12 }
//   %part.n0.prev   = select @n0.prev.op [ none: ..., conv: ... ]      of %through.x
//   %joined.n0.prev = concat(%part.n0.prev, %past.x)
//   %n0.prev        = channel_shuffle(%joined.n0.prev) { groups = 4 }
//
// Where several such values are summed, as at a node, both parts are summed before they are joined:
//
//   %part.n0 = subset @n0.edges sum [ prev: %part.n0.prev, ... ]
//   %rest.n0 = subset @n0.edges sum [ prev: %past.x, ... ]
//
// A choice counts where its options take one value; a choice between values stays as it is, and so
// does one within an option. `k` is at least 2. Error: there is no such choice, a width is no
// multiple of k, an option changes the width or the size otherwise than a stride does, or something
// in an option depends on a decision about a number; it names the decision.
absl::StatusOr<ir::Graph> PartialChannels(const ir::Graph& supernet, int64_t k);

}  // namespace nasc
