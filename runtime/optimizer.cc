#include "runtime/optimizer.h"

#include <torch/optim/adam.h>

#include <cmath>
#include <utility>

namespace nasc {
namespace {

class SgdWithMomentum : public Sgd {
 public:
  SgdWithMomentum(std::vector<at::Tensor> tensors, const SgdOptions& options)
      : tensors_(std::move(tensors)), options_(options), momentum_(tensors_.size()) {}

  void ZeroGrad() override {
    for (const at::Tensor& tensor : tensors_) {
      if (tensor.grad().defined()) tensor.grad().zero_();
    }
  }

  void Step(double learning_rate) override { Change(learning_rate, /*keep=*/true); }
  void Preview(double learning_rate) override { Change(learning_rate, /*keep=*/false); }

 private:
  void Change(double learning_rate, bool keep) {
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      at::Tensor& tensor = tensors_[i];
      if (!tensor.grad().defined()) continue;
      at::Tensor change = tensor.grad();
      if (options_.weight_decay != 0) change = change.add(tensor, options_.weight_decay);
      if (options_.momentum != 0) {
        at::Tensor& momentum = momentum_[i];
        if (!momentum.defined()) {
          if (keep) momentum = change.clone();
        } else if (keep) {
          change = momentum.mul_(options_.momentum).add_(change);
        } else {
          change = momentum.mul(options_.momentum).add_(change);
        }
      }
      tensor.add_(change, -learning_rate);
    }
  }

  std::vector<at::Tensor> tensors_;
  SgdOptions options_;
  std::vector<at::Tensor> momentum_;  // of each tensor; undefined before its first step
};

class Adam : public Optimizer {
 public:
  Adam(std::vector<at::Tensor> tensors, const AdamOptions& options)
      // LibTorch wants a learning rate up front; every step gives its own.
      : optimizer_(std::move(tensors), torch::optim::AdamOptions(/*lr=*/1)
                                           .betas({options.beta1, options.beta2})
                                           .weight_decay(options.weight_decay)) {}

  void ZeroGrad() override { optimizer_.zero_grad(); }

  void Step(double learning_rate) override {
    for (torch::optim::OptimizerParamGroup& group : optimizer_.param_groups()) {
      static_cast<torch::optim::AdamOptions&>(group.options()).lr(learning_rate);
    }
    optimizer_.step();
  }

 private:
  torch::optim::Adam optimizer_;
};

}  // namespace

std::unique_ptr<Sgd> MakeSgd(std::vector<at::Tensor> tensors, const SgdOptions& options) {
  return std::make_unique<SgdWithMomentum>(std::move(tensors), options);
}

std::unique_ptr<Optimizer> MakeAdam(std::vector<at::Tensor> tensors, const AdamOptions& options) {
  return std::make_unique<Adam>(std::move(tensors), options);
}

double ClipGradients(const std::vector<at::Tensor>& tensors, double limit) {
  if (limit <= 0) return 0;
  const torch::NoGradGuard no_grad;
  double squares = 0;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.grad().defined()) squares += tensor.grad().square().sum(at::kDouble).item<double>();
  }
  const double norm = std::sqrt(squares);
  if (norm <= limit) return norm;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.grad().defined()) tensor.grad().mul_(limit / norm);
  }
  return norm;
}

}  // namespace nasc
