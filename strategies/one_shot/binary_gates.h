#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "runtime/network.h"
#include "runtime/random/random.h"

namespace nasc {

// The binary gates of ProxylessNAS (Cai, Zhu and Han, ICLR 2019, section 3.2.1): of every choice
// two paths, drawn one after the other by the softmax of its logits; one of the two, drawn by its
// probability p among them, is open. What flows is the open path alone. The other is computed for
// its gradient: its weight in the mixture of RelaxToPaths is 2^-40, so small that a sum of float32
// with it is the open path's value.
class BinaryGates {
 public:
  BinaryGates(const std::vector<ir::Decision>& decisions, const Network::Logits& logits, Rng& rng);

  // For RelaxToPaths.
  const std::vector<std::vector<int>>& paths() const { return paths_; }
  // For the network of that relaxation.
  const Network::Logits& gates() const { return gates_; }

  // Gives `logits` the gradients of those of the gates g: equation 4 with the two paths,
  //   dL/dalpha_i = sum_j dL/dg_j p_j (delta_ij - p_i).
  // Others have gradient zero.
  void PassGradients(const Network::Logits& logits) const;

  // After a step of the logits: shifts those of the two paths by the same, so that the
  // probabilities of the other options are as they were when this was made.
  void Rescale(const Network::Logits& logits) const;

 private:
  struct Pair {
    int open = 0;
    int closed = 0;
    double open_probability = 1;  // among the two
    at::Tensor before;            // the logits, float64
  };

  std::vector<std::vector<int>> paths_;
  std::map<std::string, Pair> pairs_;  // of decisions between several options
  Network::Logits gates_;
};

}  // namespace nasc
