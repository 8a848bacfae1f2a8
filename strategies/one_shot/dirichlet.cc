#include "strategies/one_shot/dirichlet.h"

#include <ATen/ops/_dirichlet_grad.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/polygamma.h>

#include <cmath>

namespace nasc {
namespace {

constexpr double kLeastLog = -46;

double LogUniform(Rng& rng) { return std::log(rng.Uniform() + 0x1p-54); }

// For shapes below 1 a draw of shape + 1 times u^(1 / shape), whose logarithm does not underflow.
double DrawLogGamma(double shape, Rng& rng) {
  if (shape < 1) {
    const double boost = LogUniform(rng) / shape;
    return DrawLogGamma(shape + 1, rng) + boost;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.Gaussian();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (LogUniform(rng) < x * x / 2 + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

}  // namespace

at::Tensor DrawLogDirichlet(const at::Tensor& concentration, Rng& rng) {
  at::Tensor logs = at::empty_like(concentration);
  for (int64_t i = 0; i < logs.numel(); ++i) {
    logs.data_ptr<double>()[i] = DrawLogGamma(concentration.data_ptr<double>()[i], rng);
  }
  return at::log_softmax(at::log_softmax(logs, 0).clamp_min(kLeastLog), 0);
}

at::Tensor DirichletGradient(const at::Tensor& log_draw, const at::Tensor& concentration,
                             const at::Tensor& by_log) {
  const at::Tensor draw = log_draw.exp();
  const at::Tensor total = concentration.sum().expand_as(concentration);
  return at::_dirichlet_grad(draw, concentration, total.contiguous()).mul(by_log.div(draw));
}

at::Tensor DivergenceGradient(const at::Tensor& concentration) {
  const at::Tensor excess = concentration.sub(1);
  const at::Tensor all = at::polygamma(1, concentration.sum()).mul(excess.sum());
  return at::polygamma(1, concentration).mul(excess).sub(all);
}

}  // namespace nasc
