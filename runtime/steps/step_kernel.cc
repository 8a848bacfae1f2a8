#include "runtime/steps/step_kernel.h"

#include <ATen/ops/empty.h>

#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "compiler/program/steps.h"
#include "runtime/steps/autograd_step.h"

namespace nasc {

at::Tensor InStepOrder(const at::Tensor& x) {
  return x.contiguous(x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
}

std::vector<int64_t> StepArgs::Shape(size_t output) const {
  std::vector<int64_t> shape = program.values[step.outputs[output]].shape;
  for (int64_t& size : shape) {
    if (size < 0) size = batch;
  }
  return shape;
}

at::Tensor StepArgs::Empty(size_t output) const {
  const std::vector<int64_t> shape = Shape(output);
  return at::empty(shape, at::TensorOptions(dtype).memory_format(
                              shape.size() == 4 ? at::MemoryFormat::ChannelsLast
                                                : at::MemoryFormat::Contiguous));
}

StepKernel FindStepKernel(const std::string& op) {
  static const auto* const kernels = [] {
    auto* all = new std::map<std::string, StepKernel>();
    for (const auto* table : {&CoefficientKernels(), &ImageKernels(), &GradientKernels()}) {
      for (const NamedStepKernel& entry : *table) all->emplace(entry.op, entry.kernel);
    }
    return all;
  }();
  if (absl::StartsWith(op, kAutogradPrefix)) return AutogradStep;
  const auto it = kernels->find(op);
  return it == kernels->end() ? nullptr : it->second;
}

bool RunsOwnKernel(const std::string& op) {
  for (const auto* table : {&CoefficientKernels(), &ImageKernels()}) {
    if (absl::c_any_of(*table, [&op](const NamedStepKernel& k) { return k.op == op; })) return true;
  }
  return false;
}

}  // namespace nasc
