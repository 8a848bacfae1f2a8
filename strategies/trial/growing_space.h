#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// A node that joins two values: `a` and `b` are inputs, from 0, or behind those earlier nodes;
// `surface` is one of the options of how.
struct JoiningNode {
  int a = 0;
  int b = 0;
  int surface = 0;

  friend bool operator==(const JoiningNode& x, const JoiningNode& y) {
    return x.a == y.a && x.b == y.b && x.surface == y.surface;
  }
  template <typename H>
  friend H AbslHashValue(H hash, const JoiningNode& node) {
    return H::combine(std::move(hash), node.a, node.b, node.surface);
  }
};

// The decisions of a space whose architectures are networks that grow node by node:
//
//   node n[1..20] {
//     slots 2 of earlier as (a, b)
//     then one of surfaces(a, b)
//   }
//   output last
class GrowingSpace {
 public:
  // The space is copied. Error: decisions of another form; it names the first.
  static absl::StatusOr<GrowingSpace> Read(const DecisionSpace& space);

  int inputs() const { return inputs_; }          // that the first node chooses from
  int most_nodes() const { return most_nodes_; }  // of a network
  // The surfaces that an architecture may take, in their order.
  const std::vector<int>& surfaces() const { return surfaces_; }

  // The network of these nodes, one at least; its output is the last.
  Architecture Network(const std::vector<JoiningNode>& nodes) const;

 private:
  size_t decisions_ = 0;
  int inputs_ = 0;
  int most_nodes_ = 0;
  std::vector<int> surfaces_;
};

}  // namespace nasc
