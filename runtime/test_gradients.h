// What the tests of gradients compare.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <string>

#include "gtest/gtest.h"
#include "runtime/kernels.h"
#include "runtime/test_kernels.h"

namespace nasc {

// Compares the gradients by all inputs and by the first `weights` params with central differences:
// those of autograd, and those of the kernel that is registered for them, where there is one.
inline void ExpectGradients(const std::string& op, const Tensors& inputs,
                            const Attributes& attributes = {}, const Tensors& params = {},
                            size_t weights = 0, const ForwardMode& mode = {}) {
  SCOPED_TRACE(op);
  Tensors variables = inputs;
  variables.insert(variables.end(), params.begin(), params.begin() + weights);
  const at::Tensor direction =
      Random(Compute(op, inputs, attributes, params, mode).sizes().vec(), 9);
  const auto value = [&] {
    return Compute(op, inputs, attributes, params, mode).mul(direction).sum();
  };
  for (at::Tensor& variable : variables) variable.set_requires_grad(true);
  value().backward();
  const at::NoGradGuard no_grad;
  ProgramStep step;
  step.op = op;
  step.attributes = attributes;
  const GradientKernel registered = FindGradientKernel(op);
  const Tensors own =
      registered == nullptr ? Tensors() : registered({step, inputs, params, mode}, direction);
  constexpr double kStep = 1e-6;
  for (size_t v = 0; v < variables.size(); ++v) {
    // In the variable's order in memory, which its gradient need not share.
    const at::Tensor gradient = at::empty_like(variables[v]).copy_(variables[v].grad());
    const at::Tensor own_gradient =
        registered == nullptr ? at::Tensor() : at::empty_like(variables[v]).copy_(own[v]);
    for (int64_t i = 0; i < variables[v].numel(); ++i) {
      double& entry = variables[v].data_ptr<double>()[i];
      const double before = entry;
      entry = before + kStep;
      const double above = value().item<double>();
      entry = before - kStep;
      const double below = value().item<double>();
      entry = before;
      const double expected = (above - below) / (2 * kStep);
      ASSERT_NEAR(gradient.data_ptr<double>()[i], expected, 1e-7)
          << "variable " << v << ", entry " << i;
      if (registered == nullptr) continue;
      ASSERT_NEAR(own_gradient.data_ptr<double>()[i], expected, 1e-7)
          << "variable " << v << ", entry " << i << " of the registered gradient";
    }
  }
}

}  // namespace nasc
