#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "runtime/saved_state.h"

namespace nasc {

// Changes tensors by their gradients.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  virtual void ZeroGrad() = 0;
  // A tensor without a gradient stays as it is.
  virtual void Step(double learning_rate) = 0;

  // All that the next step depends on beside the tensors, their gradients and the learning rate.
  // Tensors that have a gradient are among it, as one that is zero moves a tensor with momentum.
  virtual NamedTensors Save() const = 0;
  // Goes on from there, with the same tensors; gradients that there were are zero. DataLoss where
  // that was saved of other tensors.
  virtual absl::Status Restore(const NamedTensors& saved) = 0;
};

// What weights are trained with.
class WeightOptimizer : public Optimizer {
 public:
  // The same as Step, but what the next step depends on stays as it is.
  virtual void Preview(double learning_rate) = 0;

  // The momentum of each tensor, undefined where it has none yet; and the way to go on with those
  // of another training.
  virtual const std::vector<at::Tensor>& momenta() const = 0;
  virtual void SetMomentum(size_t tensor, at::Tensor momentum) = 0;
};

// With momentum, as LibTorch's; with that of Nesterov as in Sutskever et al., ICML 2013.
struct SgdOptions {
  double momentum = 0;
  double weight_decay = 0;
  bool nesterov = false;
};
std::unique_ptr<WeightOptimizer> MakeSgd(std::vector<at::Tensor> tensors,
                                         const SgdOptions& options);

// RMSProp with momentum, as TensorFlow's, for which the papers give their settings: with the weight
// decay in the gradient g,
//   square   <- decay * square + (1 - decay) * g^2, from 1
//   momentum <- momentum * momentum + learning_rate * g / sqrt(square + epsilon), from 0
//   tensor   <- tensor - momentum
struct RmsPropOptions {
  double decay = 0.9;
  double epsilon = 1;
  double momentum = 0.9;
  double weight_decay = 0;
};
std::unique_ptr<WeightOptimizer> MakeRmsProp(std::vector<at::Tensor> tensors,
                                             const RmsPropOptions& options);

// As LibTorch's, with the weight decay in the gradient: Kingma and Ba, ICLR 2015, algorithm 1.
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double weight_decay = 0;
};
std::unique_ptr<Optimizer> MakeAdam(std::vector<at::Tensor> tensors, const AdamOptions& options);

// Scales gradients so that their common 2-norm is at most `limit`; nothing for a limit of 0.
// Returns the norm before.
double ClipGradients(const std::vector<at::Tensor>& tensors, double limit);

}  // namespace nasc
