#include "runtime/optimizer.h"

#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <cmath>
#include <utility>

namespace nasc {
namespace {

template <typename Torch, typename TorchOptions>
class TorchOptimizer : public Optimizer {
 public:
  TorchOptimizer(std::vector<at::Tensor> tensors, const TorchOptions& options)
      : optimizer_(std::move(tensors), options) {}

  void ZeroGrad() override { optimizer_.zero_grad(); }

  void Step(double learning_rate) override {
    for (torch::optim::OptimizerParamGroup& group : optimizer_.param_groups()) {
      static_cast<TorchOptions&>(group.options()).lr(learning_rate);
    }
    optimizer_.step();
  }

 private:
  Torch optimizer_;
};

// LibTorch wants a learning rate up front; every step gives its own.
constexpr double kUnsetRate = 1;

}  // namespace

std::unique_ptr<Optimizer> MakeSgd(std::vector<at::Tensor> tensors, const SgdOptions& options) {
  return std::make_unique<TorchOptimizer<torch::optim::SGD, torch::optim::SGDOptions>>(
      std::move(tensors), torch::optim::SGDOptions(kUnsetRate)
                              .momentum(options.momentum)
                              .weight_decay(options.weight_decay));
}

std::unique_ptr<Optimizer> MakeAdam(std::vector<at::Tensor> tensors, const AdamOptions& options) {
  return std::make_unique<TorchOptimizer<torch::optim::Adam, torch::optim::AdamOptions>>(
      std::move(tensors), torch::optim::AdamOptions(kUnsetRate)
                              .betas({options.beta1, options.beta2})
                              .weight_decay(options.weight_decay));
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
