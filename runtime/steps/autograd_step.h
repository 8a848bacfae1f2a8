#pragma once

#include <functional>
#include <vector>

#include "runtime/steps/step_kernel.h"

namespace nasc {

// The gradients of `forward(variables)` by those variables for which `wanted` says so, given that
// of its result. What `forward` computes is computed again.
std::vector<at::Tensor> GradientsBy(
    const std::vector<at::Tensor>& variables, const std::vector<bool>& wanted, const at::Tensor& dy,
    const std::function<at::Tensor(const std::vector<at::Tensor>&)>& forward);

// The backward part of a primitive that the compiler has no rule for: the gradient that is
// registered with its kernel, or the kernel under autograd.
std::vector<at::Tensor> AutogradStep(const StepArgs& args);

}  // namespace nasc
