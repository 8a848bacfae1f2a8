#include "strategies/one_shot/binary_gates.h"

#include <ATen/ops/full.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace nasc {
namespace {

constexpr double kClosed = 0x1p-40;  // the weight of the path that is computed and does not count
constexpr double kOff = -1e4;        // a logit whose weight is zero in every precision

// An index by weights that need not sum to 1; never one whose weight is zero.
int DrawIndex(const at::Tensor& weights, Rng& rng) {
  const auto* weight = weights.data_ptr<double>();
  double at = rng.Uniform() * weights.sum().item<double>();
  int last = 0;
  for (int i = 0; i < weights.numel(); ++i) {
    if (weight[i] <= 0) continue;
    last = i;
    if (at < weight[i]) break;
    at -= weight[i];
  }
  return last;
}

}  // namespace

BinaryGates::BinaryGates(const std::vector<ir::Decision>& decisions, const Network::Logits& logits,
                         Rng& rng) {
  for (const ir::Decision& decision : decisions) {
    std::vector<int>& paths = paths_.emplace_back();
    if (decision.kind == ir::Decision::Kind::kSome) continue;
    const at::Tensor& own = logits.at(decision.path);
    if (own.numel() < 2) {
      gates_[decision.path] = at::zeros_like(own);
      continue;
    }
    Pair pair;
    pair.before = own.detach().to(at::kDouble).clone();
    // A probability may underflow; a second path is drawn all the same.
    at::Tensor left = at::softmax(pair.before, 0).clamp_min(1e-30);
    const int first = DrawIndex(left, rng);
    left[first].zero_();
    const int second = DrawIndex(left, rng);
    const double gap = pair.before[first].item<double>() - pair.before[second].item<double>();
    const double first_probability = 1 / (1 + std::exp(-gap));
    const bool is_first = rng.Uniform() < first_probability;
    pair.open = is_first ? first : second;
    pair.closed = is_first ? second : first;
    pair.open_probability = is_first ? first_probability : 1 - first_probability;
    paths = {pair.open, pair.closed};
    at::Tensor gate = at::full(own.sizes(), kOff, own.options().requires_grad(false));
    gate[pair.open] = 0;
    gate[pair.closed] = std::log(kClosed);
    gates_[decision.path] = gate;
    pairs_[decision.path] = pair;
  }
}

void BinaryGates::PassGradients(const Network::Logits& logits) const {
  for (const auto& [path, pair] : pairs_) {
    const at::Tensor& own = logits.at(path);
    own.mutable_grad() = at::zeros_like(own);
    const at::Tensor& by_logit = gates_.at(path).grad();
    if (!by_logit.defined()) continue;
    // The mixture's softmax with weights w = (1, 2^-40) has given the closed path w (g - g_open).
    const double difference = by_logit[pair.closed].item<double>() / kClosed;
    const double gradient = pair.open_probability * (1 - pair.open_probability) * difference;
    own.grad()[pair.closed] = gradient;
    own.grad()[pair.open] = -gradient;
  }
}

void BinaryGates::Rescale(const Network::Logits& logits) const {
  for (const auto& [path, pair] : pairs_) {
    const at::Tensor& own = logits.at(path);
    const at::Tensor two = at::tensor({pair.open, pair.closed}, at::kLong);
    const at::Tensor moved = own.detach().to(at::kDouble).index_select(0, two);
    const at::Tensor shift =
        at::logsumexp(moved, 0).sub(at::logsumexp(pair.before.index_select(0, two), 0));
    own.copy_(pair.before.index_copy(0, two, moved.sub(shift)));
  }
}

}  // namespace nasc
