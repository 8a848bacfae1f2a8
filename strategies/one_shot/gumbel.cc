#include "strategies/one_shot/gumbel.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <numeric>

namespace nasc {
namespace {

at::Tensor Noise(int64_t options, Rng& rng) {
  at::Tensor noise = at::empty({options}, at::kDouble);
  for (int64_t i = 0; i < options; ++i) {
    const double uniform = rng.Uniform() + 0x1p-54;  // neither 0 nor 1
    noise.data_ptr<double>()[i] = -std::log(-std::log(uniform));
  }
  return noise;
}

}  // namespace

GumbelDraw DrawGumbel(const std::vector<ir::Decision>& decisions, const Network::Logits& logits,
                      double temperature, Rng& rng) {
  GumbelDraw draw;
  for (const ir::Decision& decision : decisions) {
    const auto options = static_cast<int>(decision.options.size());
    std::vector<int>& picks = draw.taken.picks.emplace_back();
    if (decision.kind == ir::Decision::Kind::kSome) {
      picks.resize(options);
      std::iota(picks.begin(), picks.end(), 0);
      continue;
    }
    const at::Tensor& own = logits.at(decision.path);
    const at::Tensor noisy = own.detach().to(at::kDouble).add(Noise(options, rng));
    picks = {static_cast<int>(noisy.argmax().item<int64_t>())};
    draw.logits[decision.path] = noisy.div(temperature).to(own.scalar_type());
  }
  return draw;
}

void PassGradients(const GumbelDraw& draw, double temperature, const Network::Logits& logits) {
  for (const auto& [path, drawn] : draw.logits) {
    const at::Tensor& own = logits.at(path);
    own.mutable_grad() =
        drawn.grad().defined() ? drawn.grad().div(temperature) : at::zeros_like(own);
  }
}

}  // namespace nasc
