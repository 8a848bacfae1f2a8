#pragma once

#include <vector>

#include "compiler/architecture.h"
#include "runtime/network.h"
#include "runtime/random/random.h"

namespace nasc {

// The temperature of the softmax over a search (section 4.2): it falls linearly.
struct Cooling {
  double first = 10;
  double last = 0.1;

  double At(double progress) const { return first + (last - first) * progress; }
};

// A draw of GDAS (Dong and Yang, CVPR 2019, equations 3 and 4). Of every choice it takes
//   argmax_i (logits_i + o_i),  o_i = -log(-log(u)),  u uniform in (0, 1),
// of every subset all edges. That is an option drawn by the softmax of the logits.
struct GumbelDraw {
  Architecture taken;      // see RelaxToSample
  Network::Logits logits;  // (logits + o) / temperature
};
GumbelDraw DrawGumbel(const std::vector<ir::Decision>& decisions, const Network::Logits& logits,
                      double temperature, Rng& rng);

// Gives `logits` the gradients of the draw's logits: divided by the temperature. Those of a
// decision that the sample did not ask for are zero.
void PassGradients(const GumbelDraw& draw, double temperature, const Network::Logits& logits);

}  // namespace nasc
