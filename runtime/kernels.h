#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "compiler/program/program.h"
#include "runtime/random/random.h"

namespace nasc {

// How a program runs.
struct ForwardMode {
  bool training = false;
  double drop_path_progress = 1;  // the part of its final rate with which paths are dropped
  Rng* rng = nullptr;             // for what is random in training
  // Whether real targets are the probabilities of classes, [batch, classes], each row of sum 1, and
  // not the numbers of a regression.
  bool soft_targets = false;
  int64_t* fallbacks = nullptr;  // counts steps that LibTorch computes where we have own kernels
};

// What a kernel computes from. Images are [batch, channels, height, width], in either order in
// memory, which what is computed keeps; rows of features are [batch, features].
struct KernelArgs {
  const ProgramStep& step;
  const std::vector<at::Tensor>& inputs;
  const std::vector<at::Tensor>& params;  // in the order of the primitive's rule
  const ForwardMode& mode;
  const std::vector<int64_t>* shape = nullptr;  // of the output; -1: the batch
};

using Kernel = at::Tensor (*)(const KernelArgs&);

// How a primitive is computed with LibTorch's operators, differentiable by its autograd; nullptr
// for an unknown one, and for `input`, `features` and `logits`, whose values are given.
Kernel FindKernel(const std::string& op);

// The gradients by the inputs, then by the params, from that of the output. Undefined where there
// is none.
using GradientKernel = std::vector<at::Tensor> (*)(const KernelArgs&, const at::Tensor& dy);

// What computes the backward part of a primitive in place of autograd; nullptr for those of the
// table, whose steps are of the compiler's making, and where none was registered.
GradientKernel FindGradientKernel(const std::string& op);

// The kernel of a primitive that a library registers: see compiler/primitives.h. Without a gradient
// that is autograd's.
//
//   const KernelRegistration registration("space_to_depth", SpaceToDepth);
class KernelRegistration {
 public:
  KernelRegistration(const std::string& op, Kernel kernel, GradientKernel gradient = nullptr);
};

// Float64, [shape], which is 1 where entries go together: zeros at the given rate, and elsewhere
// what keeps the mean. Ones where the rate is not positive; nothing is drawn then.
at::Tensor KeepMask(const std::vector<int64_t>& shape, double rate, const ForwardMode& mode);

}  // namespace nasc
