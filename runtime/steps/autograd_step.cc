#include "runtime/steps/autograd_step.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "compiler/program/steps.h"
#include "glog/logging.h"

namespace nasc {

std::vector<at::Tensor> GradientsBy(
    const std::vector<at::Tensor>& variables, const std::vector<bool>& wanted, const at::Tensor& dy,
    const std::function<at::Tensor(const std::vector<at::Tensor>&)>& forward) {
  const at::AutoGradMode enable(true);
  std::vector<at::Tensor> inputs;
  std::vector<at::Tensor> by;
  for (size_t i = 0; i < variables.size(); ++i) {
    inputs.push_back(variables[i].detach());
    if (!wanted[i]) continue;
    inputs.back().set_requires_grad(true);
    by.push_back(inputs.back());
  }
  std::vector<at::Tensor> gradients(variables.size());
  if (by.empty()) return gradients;
  const at::Tensor y = forward(inputs);
  const std::vector<at::Tensor> made = torch::autograd::grad({y}, by, {dy});
  for (size_t i = 0, next = 0; i < variables.size(); ++i) {
    if (wanted[i]) gradients[i] = made[next++];
  }
  return gradients;
}

std::vector<at::Tensor> AutogradStep(const StepArgs& args) {
  ProgramStep primitive = args.step;
  primitive.op = args.step.op.substr(kAutogradPrefix.size());
  std::vector<at::Tensor> variables(args.inputs.begin(), args.inputs.end() - 1);
  const size_t inputs = variables.size();
  variables.insert(variables.end(), args.params.begin(), args.params.end());
  std::vector<bool> wanted;
  for (size_t i = 0; i < variables.size(); ++i) wanted.push_back(args.Wants(i));
  const at::Tensor& dy = args.inputs.back();
  const std::vector<int64_t> shape = dy.sizes().vec();
  const auto kernel_args = [&](const std::vector<at::Tensor>& x,
                               const std::vector<at::Tensor>& params) {
    return KernelArgs{primitive, x, params, args.mode, &shape};
  };
  std::vector<at::Tensor> made;
  if (const GradientKernel gradient = FindGradientKernel(primitive.op); gradient != nullptr) {
    const std::vector<at::Tensor> x(variables.begin(), variables.begin() + inputs);
    made = gradient(kernel_args(x, args.params), dy);
    CHECK_EQ(made.size(), variables.size()) << "gradients of " << primitive.op;
  } else {
    const Kernel kernel = FindKernel(primitive.op);
    made = GradientsBy(variables, wanted, dy, [&](const std::vector<at::Tensor>& given) {
      const std::vector<at::Tensor> x(given.begin(), given.begin() + inputs);
      const std::vector<at::Tensor> params(given.begin() + inputs, given.end());
      return kernel(kernel_args(x, params));
    });
  }
  for (size_t i = 0; i < inputs; ++i) {
    if (wanted[i]) made[i] = InStepOrder(made[i]);
  }
  return made;
}

}  // namespace nasc
