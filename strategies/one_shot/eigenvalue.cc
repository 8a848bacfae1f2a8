#include "strategies/one_shot/eigenvalue.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "runtime/random/random.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

using Vector = std::vector<double>;

// Small enough for the fourth derivative. ReLUs and max pools make the loss piecewise smooth:
// within a smaller radius single jumps of its gradient outweigh its curvature.
constexpr double kRadius = 0.1;
constexpr int kMostProducts = 40;
constexpr double kTolerance = 1e-3;

double Dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Vector Scaled(Vector v, double factor) {
  for (double& x : v) x *= factor;
  return v;
}

absl::StatusOr<Vector> Product(const GradientAt& gradient, const Vector& v) {
  absl::StatusOr<Vector> ahead = gradient(Scaled(v, kRadius));
  if (!ahead.ok()) return ahead;
  const absl::StatusOr<Vector> behind = gradient(Scaled(v, -kRadius));
  if (!behind.ok()) return behind;
  for (size_t i = 0; i < v.size(); ++i) {
    (*ahead)[i] = ((*ahead)[i] - (*behind)[i]) / (2 * kRadius);
  }
  return ahead;
}

// What measuring changes, put back at the end.
class Unchanged {
 public:
  Unchanged(const std::vector<at::Tensor>& parameters, const ParameterStore& store) {
    for (const at::Tensor& parameter : parameters) {
      Keep(parameter);
      gradients_.emplace_back(parameter, parameter.grad());
    }
    for (const auto& [name, tensor] : store.tensors()) {
      if (!tensor.requires_grad()) Keep(tensor);
    }
  }
  ~Unchanged() {
    const at::NoGradGuard no_grad;
    for (auto& [tensor, before] : values_) tensor.copy_(before);
    for (auto& [tensor, gradient] : gradients_) tensor.mutable_grad() = gradient;
  }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;

  // The first are the parameters.
  const at::Tensor& before(size_t i) const { return values_[i].second; }

 private:
  void Keep(const at::Tensor& tensor) { values_.emplace_back(tensor, tensor.detach().clone()); }

  std::vector<std::pair<at::Tensor, at::Tensor>> values_;
  std::vector<std::pair<at::Tensor, at::Tensor>> gradients_;
};

void Append(const at::Tensor& tensor, Vector& all) {
  const at::Tensor flat = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  all.insert(all.end(), flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}

void Displace(const std::vector<at::Tensor>& parameters, const Unchanged& unchanged,
              const Vector& displacement) {
  const at::NoGradGuard no_grad;
  size_t next = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const at::Tensor& before = unchanged.before(i);
    at::Tensor by =
        at::zeros_like(before, before.options().dtype(at::kDouble).device(at::kCPU)).contiguous();
    std::copy_n(displacement.begin() + static_cast<int64_t>(next), by.numel(),
                by.data_ptr<double>());
    next += by.numel();
    parameters[i].copy_(before.add(by.to(before.device(), before.scalar_type())));
  }
}

}  // namespace

absl::StatusOr<double> DominantEigenvalue(int64_t size, const GradientAt& gradient, uint64_t seed) {
  Rng rng(seed);
  Vector v(size);
  for (double& x : v) x = rng.Gaussian();
  v = Scaled(v, 1 / std::sqrt(Dot(v, v)));
  double value = 0;
  for (int i = 0; i < kMostProducts; ++i) {
    const absl::StatusOr<Vector> product = Product(gradient, v);
    if (!product.ok()) return product.status();
    const double next = Dot(v, *product);
    const double norm = std::sqrt(Dot(*product, *product));
    if (norm == 0) return 0.0;
    const bool settled = i > 0 && std::abs(next - value) <= kTolerance * std::abs(next);
    value = next;
    if (settled) break;
    v = Scaled(*product, 1 / norm);
  }
  return value;
}

absl::StatusOr<double> DecisionEigenvalue(OneShotStrategy& strategy, const ParameterStore& store,
                                          const Batch& batch, uint64_t seed) {
  return CatchTorch("measuring curvature", [&]() -> absl::StatusOr<double> {
    std::vector<at::Tensor> parameters;
    int64_t size = 0;
    for (const auto& [name, tensor] : strategy.State()) {
      parameters.push_back(tensor);
      size += tensor.numel();
    }
    if (size == 0) return 0.0;
    const Unchanged unchanged(parameters, store);
    const auto gradient = [&](const Vector& displacement) -> absl::StatusOr<Vector> {
      Displace(parameters, unchanged, displacement);
      for (const at::Tensor& parameter : parameters) parameter.mutable_grad() = at::Tensor();
      const absl::StatusOr<double> loss = strategy.DecisionGradient(batch);
      if (!loss.ok()) return loss.status();
      Vector gradients;
      for (const at::Tensor& parameter : parameters) {
        const at::Tensor& found = parameter.grad();
        Append(found.defined() ? found : at::zeros_like(parameter.detach()), gradients);
      }
      return gradients;
    };
    return DominantEigenvalue(size, gradient, seed);
  });
}

}  // namespace nasc
