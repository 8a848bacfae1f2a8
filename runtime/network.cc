#include "runtime/network.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/primitives.h"
#include "glog/logging.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

bool IsInput(const ProgramStep& step) {
  const Primitive* primitive = FindPrimitive(step.op);
  return primitive != nullptr && primitive->form == Primitive::Form::kInput;
}

// Labels are whole numbers, the targets of a regression reals.
at::Tensor LossOf(const at::Tensor& output, const at::Tensor& targets) {
  return targets.is_floating_point() ? at::mse_loss(output, targets)
                                     : at::cross_entropy_loss(output, targets);
}

}  // namespace

absl::StatusOr<Network> Network::Create(Program program, ParameterStore& store) {
  Network network(std::move(program));
  for (const ProgramStep& step : network.program_.steps) {
    const Kernel kernel = FindKernel(step.op);
    if (kernel == nullptr && !IsInput(step) && step.op != "logits") {
      return absl::UnimplementedError(absl::StrCat("no kernel computes '", step.op, "'"));
    }
    network.kernels_.push_back(kernel);
    std::vector<at::Tensor>& params = network.params_.emplace_back();
    for (const int param : step.params) {
      absl::StatusOr<at::Tensor> tensor = store.Get(network.program_.params[param]);
      if (!tensor.ok()) return tensor.status();
      params.push_back(*std::move(tensor));
    }
  }
  return network;
}

Network::Output Network::Forward(const at::Tensor& input, const Logits& logits,
                                 const ForwardMode& mode) const {
  std::vector<at::Tensor> slots(program_.slots);
  std::vector<at::Tensor> inputs;
  for (size_t i = 0; i < program_.steps.size(); ++i) {
    const ProgramStep& step = program_.steps[i];
    at::Tensor value;
    if (IsInput(step)) {
      value = input.contiguous(input.dim() == 4 && !mode.reference ? at::MemoryFormat::ChannelsLast
                                                                   : at::MemoryFormat::Contiguous);
    } else if (step.op == "logits") {
      const auto it = logits.find(program_.decisions[step.decision].path);
      CHECK(it != logits.end()) << "no logits for " << program_.decisions[step.decision].path;
      value = it->second;
    } else {
      inputs.clear();
      for (const int input : step.inputs) inputs.push_back(slots[input]);
      value = kernels_[i]({step, inputs, params_[i], mode});
    }
    slots[step.output] = std::move(value);
    for (const int slot : step.frees) slots[slot] = at::Tensor();
  }
  Output output;
  for (const ProgramResult& result : program_.results) {
    (result.name == "auxiliary" ? output.auxiliary : output.logits) = slots[result.slot];
  }
  return output;
}

at::Tensor Network::Loss(const Output& output, const at::Tensor& targets) const {
  at::Tensor loss = LossOf(output.logits, targets);
  for (const ProgramResult& result : program_.results) {
    if (result.name == "auxiliary" && output.auxiliary.defined()) {
      loss = loss.add(LossOf(output.auxiliary, targets), result.loss_weight);
    }
  }
  return loss;
}

}  // namespace nasc
