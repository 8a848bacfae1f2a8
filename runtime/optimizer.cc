#include "runtime/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

constexpr char kHasGradient[] = "has_gradient";

// Tensors that a step keeps of each tensor that it changes; undefined before its first step.
using Moments = std::vector<at::Tensor>;

std::string NameOf(const char* what, size_t i) { return absl::StrCat(what, ".", i); }

void ZeroGradients(const std::vector<at::Tensor>& tensors) {
  for (const at::Tensor& tensor : tensors) {
    if (tensor.grad().defined()) tensor.grad().zero_();
  }
}

void SaveGradients(const std::vector<at::Tensor>& tensors, NamedTensors& saved) {
  std::vector<int64_t> defined;
  for (const at::Tensor& tensor : tensors) defined.push_back(tensor.grad().defined() ? 1 : 0);
  saved[kHasGradient] = SaveNumbers(defined);
}

absl::Status RestoreGradients(const NamedTensors& saved, const std::vector<at::Tensor>& tensors) {
  const auto defined = RestoreNumbers(saved, kHasGradient, tensors.size());
  if (!defined.ok()) return defined.status();
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].mutable_grad() =
        (*defined)[i] != 0 ? at::zeros_like(tensors[i].detach()) : at::Tensor();
  }
  return absl::OkStatus();
}

void SaveMoments(const char* what, const Moments& moments, NamedTensors& saved) {
  for (size_t i = 0; i < moments.size(); ++i) {
    if (moments[i].defined()) saved[NameOf(what, i)] = moments[i].clone();
  }
}

absl::Status RestoreMoments(const char* what, const NamedTensors& saved,
                            const std::vector<at::Tensor>& tensors, Moments& moments) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::string name = NameOf(what, i);
    moments[i] = at::Tensor();
    if (saved.count(name) == 0) continue;
    moments[i] = at::empty_like(tensors[i].detach());
    const absl::Status status = RestoreTensor(saved, name, moments[i]);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

class Sgd : public WeightOptimizer {
 public:
  Sgd(std::vector<at::Tensor> tensors, const SgdOptions& options)
      : tensors_(std::move(tensors)), options_(options), momentum_(tensors_.size()) {}

  void ZeroGrad() override { ZeroGradients(tensors_); }

  void Step(double learning_rate) override { Change(learning_rate, /*keep=*/true); }
  void Preview(double learning_rate) override { Change(learning_rate, /*keep=*/false); }
  const std::vector<at::Tensor>& momenta() const override { return momentum_; }
  void SetMomentum(size_t tensor, at::Tensor momentum) override {
    momentum_[tensor] = std::move(momentum);
  }

  NamedTensors Save() const override {
    NamedTensors saved;
    SaveGradients(tensors_, saved);
    SaveMoments("momentum", momentum_, saved);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    const absl::Status status = RestoreGradients(saved, tensors_);
    return status.ok() ? RestoreMoments("momentum", saved, tensors_, momentum_) : status;
  }

 private:
  void Change(double learning_rate, bool keep) {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      at::Tensor& tensor = tensors_[i];
      if (!tensor.grad().defined()) continue;
      at::Tensor change = tensor.grad();
      if (options_.weight_decay != 0) change = change.add(tensor, options_.weight_decay);
      if (options_.momentum != 0) {
        const at::Tensor gradient = change;
        at::Tensor& momentum = momentum_[i];
        if (!momentum.defined()) {
          if (keep) momentum = change.clone();
        } else if (keep) {
          change = momentum.mul_(options_.momentum).add_(change);
        } else {
          change = momentum.mul(options_.momentum).add_(change);
        }
        if (options_.nesterov) change = gradient.add(change, options_.momentum);
      }
      tensor.add_(change, -learning_rate);
    }
  }

  std::vector<at::Tensor> tensors_;
  SgdOptions options_;
  Moments momentum_;
};

class RmsProp : public WeightOptimizer {
 public:
  RmsProp(std::vector<at::Tensor> tensors, const RmsPropOptions& options)
      : tensors_(std::move(tensors)),
        options_(options),
        square_(tensors_.size()),
        momentum_(tensors_.size()) {}

  void ZeroGrad() override { ZeroGradients(tensors_); }

  void Step(double learning_rate) override { Change(learning_rate, /*keep=*/true); }
  void Preview(double learning_rate) override { Change(learning_rate, /*keep=*/false); }
  const std::vector<at::Tensor>& momenta() const override { return momentum_; }
  void SetMomentum(size_t tensor, at::Tensor momentum) override {
    momentum_[tensor] = std::move(momentum);
    if (!square_[tensor].defined()) square_[tensor] = at::ones_like(tensors_[tensor].detach());
  }

  NamedTensors Save() const override {
    NamedTensors saved;
    SaveGradients(tensors_, saved);
    SaveMoments("square", square_, saved);
    SaveMoments("momentum", momentum_, saved);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    absl::Status status = RestoreGradients(saved, tensors_);
    if (status.ok()) status = RestoreMoments("square", saved, tensors_, square_);
    if (status.ok()) status = RestoreMoments("momentum", saved, tensors_, momentum_);
    return status;
  }

 private:
  void Change(double learning_rate, bool keep) {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      at::Tensor& tensor = tensors_[i];
      if (!tensor.grad().defined()) continue;
      at::Tensor gradient = tensor.grad();
      if (options_.weight_decay != 0) gradient = gradient.add(tensor, options_.weight_decay);
      const bool first = !square_[i].defined();
      at::Tensor square = first ? at::ones_like(tensor) : square_[i].clone();
      at::Tensor momentum = first ? at::zeros_like(tensor) : momentum_[i].clone();
      square.mul_(options_.decay).addcmul_(gradient, gradient, 1 - options_.decay);
      momentum.mul_(options_.momentum)
          .addcdiv_(gradient, square.add(options_.epsilon).sqrt_(), learning_rate);
      tensor.sub_(momentum);
      if (!keep) continue;
      square_[i] = square;
      momentum_[i] = momentum;
    }
  }

  std::vector<at::Tensor> tensors_;
  RmsPropOptions options_;
  Moments square_;
  Moments momentum_;
};

class Adam : public Optimizer {
 public:
  Adam(std::vector<at::Tensor> tensors, const AdamOptions& options)
      : tensors_(std::move(tensors)),
        options_(options),
        steps_(tensors_.size()),
        mean_(tensors_.size()),
        square_(tensors_.size()) {}

  void ZeroGrad() override { ZeroGradients(tensors_); }

  void Step(double learning_rate) override {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      at::Tensor& tensor = tensors_[i];
      if (!tensor.grad().defined()) continue;
      at::Tensor gradient = tensor.grad();
      if (options_.weight_decay != 0) gradient = gradient.add(tensor, options_.weight_decay);
      if (!mean_[i].defined()) {
        mean_[i] = at::zeros_like(tensor);
        square_[i] = at::zeros_like(tensor);
      }
      const auto step = static_cast<double>(++steps_[i]);
      mean_[i].mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
      square_[i].mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
      const at::Tensor spread =
          square_[i].sqrt().div_(std::sqrt(1 - std::pow(options_.beta2, step))).add_(kSmall);
      tensor.addcdiv_(mean_[i], spread, -learning_rate / (1 - std::pow(options_.beta1, step)));
    }
  }

  NamedTensors Save() const override {
    NamedTensors saved;
    SaveGradients(tensors_, saved);
    saved["steps"] = SaveNumbers(steps_);
    SaveMoments("mean", mean_, saved);
    SaveMoments("square", square_, saved);
    return saved;
  }

  absl::Status Restore(const NamedTensors& saved) override {
    const auto steps = RestoreNumbers(saved, "steps", tensors_.size());
    if (!steps.ok()) return steps.status();
    steps_ = *steps;
    absl::Status status = RestoreGradients(saved, tensors_);
    if (status.ok()) status = RestoreMoments("mean", saved, tensors_, mean_);
    if (status.ok()) status = RestoreMoments("square", saved, tensors_, square_);
    return status;
  }

 private:
  static constexpr double kSmall = 1e-8;  // the paper's epsilon

  std::vector<at::Tensor> tensors_;
  AdamOptions options_;
  std::vector<int64_t> steps_;  // of each tensor
  Moments mean_;
  Moments square_;
};

}  // namespace

std::unique_ptr<WeightOptimizer> MakeSgd(std::vector<at::Tensor> tensors,
                                         const SgdOptions& options) {
  return std::make_unique<Sgd>(std::move(tensors), options);
}

std::unique_ptr<WeightOptimizer> MakeRmsProp(std::vector<at::Tensor> tensors,
                                             const RmsPropOptions& options) {
  return std::make_unique<RmsProp>(std::move(tensors), options);
}

std::unique_ptr<Optimizer> MakeAdam(std::vector<at::Tensor> tensors, const AdamOptions& options) {
  return std::make_unique<Adam>(std::move(tensors), options);
}

double ClipGradients(const std::vector<at::Tensor>& tensors, double limit) {
  if (limit <= 0) return 0;
  const at::NoGradGuard no_grad;
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
