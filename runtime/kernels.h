#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "compiler/program.h"
#include "runtime/random/random.h"

namespace nasc {

// How a forward pass runs.
struct ForwardMode {
  bool training = false;
  double drop_path_progress = 1;  // the part of its final rate with which paths are dropped
  Rng* rng = nullptr;             // for what is random in training
  // With LibTorch's operators alone, one a step, and images in memory order [batch, channels,
  // height, width]: what the papers' codes do. Everything else is measured and tested against it.
  bool reference = false;
};

// What a kernel computes from. Images are [batch, channels, height, width], in channels-last order
// unless the mode is the reference; rows of features are [batch, features].
struct KernelArgs {
  const ProgramStep& step;
  const std::vector<at::Tensor>& inputs;
  const std::vector<at::Tensor>& params;  // in the order of the primitive's rule
  const ForwardMode& mode;
};

using Kernel = at::Tensor (*)(const KernelArgs&);

// How a primitive is computed with LibTorch's operators, differentiable by its autograd; nullptr
// for an unknown one, and for `input`, `features` and `logits`, whose values are given.
Kernel FindKernel(const std::string& op);

}  // namespace nasc
