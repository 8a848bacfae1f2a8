#pragma once

#include <string>

#include "compiler/ir/graph.h"

namespace nasc::ir {

// The text of a graph. Parsing it gives the same graph.
//
//   supernet @darts version 1.0.0 scale search {
//     decision @n0.edges : 2 of [prev_prev, prev]  loc("darts.space":20:5)
//     decision @n0.prev.op : one of [none relaxed, skip_connect] if prev in @n0.edges  loc(...)
//     weight @stem.weight : f32[48,3,3,3] init fan_in 27
//     buffer @bn.running_mean : f32[48] init zeros
//     %image = input { channels = 3, height = 32, width = 32 } : f32[N,3,32,32]
//     %stem = conv(%image, @stem.weight) { kernel = 3, ... } : f32[N,48,32,32]  loc(...)
//     %n0.prev = select @n0.prev.op [ none: %a, skip_connect: %b ] : f32[N,16,32,32]
//     %n0 = subset @n0.edges sum [ prev_prev: %c, prev: %n0.prev ] : f32[N,16,32,32]
//     return logits %head.linear weight 1.0, auxiliary %aux.linear weight 0.4
//   }
//
// A real has a point or an exponent, which tells it from a whole number. The lengths of locations
// are left out.
std::string Print(const Graph& graph);

// The text of a type, "f32[N,16,[@ratio: 12|16],32]".
std::string Print(const TensorType& type, const Graph& graph);

}  // namespace nasc::ir
