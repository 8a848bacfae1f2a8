#include "runtime/executable.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/program/stats.h"
#include "glog/logging.h"
#include "runtime/macs.h"

namespace nasc {

absl::StatusOr<Executable> Executable::Create(Program program, ParameterStore& store,
                                              Kernels kernels) {
  Executable made(std::move(program));
  made.own_kernels_ = kernels == Kernels::kOwn;
  made.params_.resize(made.program_.params.size());
  for (const ProgramStep& step : made.program_.steps) {
    made.macs_ += MacsOf(made.program_, step);
    Computes computes;
    if (kernels == Kernels::kOwn) computes.step = FindStepKernel(step.op);
    if (computes.step == nullptr) computes.kernel = FindKernel(step.op);
    if (computes.kernel == nullptr && computes.step == nullptr && !IsGiven(step)) {
      return absl::UnimplementedError(absl::StrCat("no kernel computes '", step.op, "'"));
    }
    made.computes_.push_back(computes);
    std::vector<at::Tensor>& params = made.step_params_.emplace_back();
    for (const int param : step.params) {
      absl::StatusOr<at::Tensor> tensor = store.Get(made.program_.params[param]);
      if (!tensor.ok()) return tensor.status();
      params.push_back(PartOf(*tensor, made.program_.params[param]));
      made.params_[param] = *std::move(tensor);
    }
  }
  return made;
}

Executable::Values Executable::Run(const at::Tensor& input, const at::Tensor& targets,
                                   const std::map<std::string, at::Tensor>& logits,
                                   const ForwardMode& mode, const Observer& observe) const {
  AddMacsRun(macs_ * input.size(0));
  Values values(program_.values.size());
  std::vector<at::Tensor> inputs;
  for (size_t i = 0; i < program_.steps.size(); ++i) {
    const ProgramStep& step = program_.steps[i];
    if (IsInput(step)) {
      values[step.outputs[0]] = input;
    } else if (step.op == "logits") {
      const auto it = logits.find(program_.decisions[step.decision].path);
      CHECK(it != logits.end()) << "no logits for " << program_.decisions[step.decision].path;
      values[step.outputs[0]] = it->second;
    } else {
      inputs.clear();
      for (const int value : step.inputs) {
        inputs.push_back(value < 0 ? at::Tensor() : values[value]);
      }
      if (computes_[i].step != nullptr) {
        std::vector<at::Tensor> made =
            computes_[i].step({program_, step, inputs, step_params_[i], mode, targets,
                               input.size(0), input.scalar_type()});
        for (size_t k = 0; k < step.outputs.size(); ++k) {
          if (step.outputs[k] >= 0) values[step.outputs[k]] = std::move(made[k]);
        }
      } else {
        at::Tensor value = computes_[i].kernel(
            {step, inputs, step_params_[i], mode, &program_.values[step.outputs[0]].shape});
        values[step.outputs[0]] = own_kernels_ ? InStepOrder(value) : std::move(value);
      }
    }
    if (observe != nullptr && step.outputs.size() == 1 && step.outputs[0] >= 0) {
      observe(step, values[step.outputs[0]]);
    }
    for (const int value : step.frees) values[value] = at::Tensor();
  }
  return values;
}

}  // namespace nasc
