#include "runtime/soft_targets.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace nasc {
namespace {

at::Tensor Probabilities(const at::Tensor& labels, int64_t classes, double smoothing,
                         at::ScalarType dtype) {
  const auto even = smoothing / static_cast<double>(classes);
  return at::zeros({labels.size(0), classes}, dtype)
      .scatter_(1, labels.unsqueeze(1), 1 - smoothing)
      .add_(even);
}

at::Tensor Permutation(int64_t size, Rng& rng) {
  std::vector<int64_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  rng.Shuffle(&order);
  return at::from_blob(order.data(), {size}, at::kLong).clone();
}

at::Tensor Mixed(const at::Tensor& tensor, const at::Tensor& other, double part) {
  return tensor.mul(part).add_(tensor.index_select(0, other), 1 - part);
}

}  // namespace

double DrawBeta(double a, Rng& rng) {
  while (true) {
    const double log_x = std::log(1 - rng.Uniform()) / a;
    const double log_y = std::log(1 - rng.Uniform()) / a;
    // By the logarithms: for a small `a` the numbers themselves are too small to be told from 0.
    if (std::exp(log_x) + std::exp(log_y) <= 1) return 1 / (1 + std::exp(log_y - log_x));
  }
}

void SoftenTargets(const SoftTargetOptions& options, int64_t classes, uint64_t seed, int64_t step,
                   Batch& batch) {
  batch.soft_targets =
      Probabilities(batch.targets, classes, options.label_smoothing, batch.inputs.scalar_type());
  if (options.mixup <= 0) return;
  Rng rng(HashSeed(seed, "mixup"), step);
  const double part = DrawBeta(options.mixup, rng);
  const at::Tensor other = Permutation(batch.targets.size(0), rng);
  batch.inputs = Mixed(batch.inputs, other, part);
  batch.soft_targets = Mixed(batch.soft_targets, other, part);
  if (part < 0.5) batch.targets = batch.targets.index_select(0, other);
}

}  // namespace nasc
