#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program/program.h"
#include "runtime/kernels.h"

namespace nasc {

// What a step of a program computes from. Images are [batch, channels, height, width] in
// channels-last order; coefficients and sums are float64.
struct StepArgs {
  const Program& program;
  const ProgramStep& step;
  const std::vector<at::Tensor>& inputs;  // undefined: one that the step has not
  const std::vector<at::Tensor>& params;
  const ForwardMode& mode;
  const at::Tensor& targets;  // see Network::Loss
  int64_t batch = 0;
  at::ScalarType dtype = at::kFloat;  // of activations

  const at::Tensor& in(size_t i) const { return inputs[i]; }
  bool Wants(size_t output) const {
    return output < step.outputs.size() && step.outputs[output] >= 0;
  }
  // Of an output, with the size of the batch.
  std::vector<int64_t> Shape(size_t output) const;
  // A tensor for an output of activations, in channels-last order where it is of images.
  at::Tensor Empty(size_t output) const;
};

// A tensor as steps read it: dense, images in channels-last order. Copies what is not.
at::Tensor InStepOrder(const at::Tensor& x);

// Gives one tensor an output, undefined where it is not wanted. Nothing is recorded for autograd.
using StepKernel = std::vector<at::Tensor> (*)(const StepArgs&);

// Of an operation of compiler/program/steps.h, and of primitives that have a kernel of our own;
// nullptr where there is none.
StepKernel FindStepKernel(const std::string& op);

// Whether it is computed by code of ours rather than by LibTorch's operators, where a processor has
// the instructions for it.
bool RunsOwnKernel(const std::string& op);

// The kernels, a table a file.
struct NamedStepKernel {
  const char* op;
  StepKernel kernel;
};
const std::vector<NamedStepKernel>& CoefficientKernels();
const std::vector<NamedStepKernel>& ImageKernels();
const std::vector<NamedStepKernel>& GradientKernels();

}  // namespace nasc
