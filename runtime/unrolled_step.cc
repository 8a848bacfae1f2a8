#include "runtime/unrolled_step.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace nasc {
namespace {

using Tensors = std::vector<at::Tensor>;

constexpr double kEpsilon = 0.01;

// Those that the loss does not depend on have none.
Tensors Gradients(const Tensors& tensors) {
  Tensors gradients;
  for (const at::Tensor& tensor : tensors) {
    gradients.push_back(tensor.grad().defined() ? tensor.grad().clone() : at::Tensor());
  }
  return gradients;
}

double Norm(const Tensors& tensors) {
  double squares = 0;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.defined()) squares += tensor.square().sum(at::kDouble).item<double>();
  }
  return std::sqrt(squares);
}

// Sets each tensor to `from` + factor * `change`.
void Set(const Tensors& tensors, const Tensors& from, const Tensors& change, double factor) {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].copy_(from[i]);
    if (factor != 0 && change[i].defined()) tensors[i].add_(change[i], factor);
  }
}

void Clear(const Tensors& tensors) {
  for (const at::Tensor& tensor : tensors) tensor.mutable_grad() = at::Tensor();
}

}  // namespace

absl::Status SetUnrolledGradients(const UnrolledStep& step) {
  Tensors weights;
  for (const at::Tensor& weight : step.weights) weights.push_back(weight.detach().clone());
  const auto restore = [&](const absl::Status& status) {
    Set(step.weights, weights, {}, 0);
    Clear(step.weights);
    return status;
  };
  const auto compute = [&](const std::function<absl::Status()>& gradients) {
    Clear(step.weights);
    Clear(step.logits);
    return gradients();
  };
  if (absl::Status status = compute(step.training_by_weights); !status.ok()) return restore(status);
  step.preview();
  if (absl::Status status = compute(step.validation_by_both); !status.ok()) return restore(status);
  const Tensors by_weights = Gradients(step.weights);
  const Tensors by_logits = Gradients(step.logits);
  const double epsilon = kEpsilon / Norm(by_weights);
  Tensors ahead;
  for (const double sign : {1.0, -1.0}) {
    Set(step.weights, weights, by_weights, sign * epsilon);
    if (absl::Status status = compute(step.training_by_decisions); !status.ok()) {
      return restore(status);
    }
    if (sign > 0) ahead = Gradients(step.logits);
  }
  for (size_t i = 0; i < step.logits.size(); ++i) {
    if (!by_logits[i].defined()) continue;
    const at::Tensor change = ahead[i].sub(step.logits[i].grad()).div(2 * epsilon);
    step.logits[i].mutable_grad() = by_logits[i].sub(change, step.rate);
  }
  return restore(absl::OkStatus());
}

}  // namespace nasc
