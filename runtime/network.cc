#include "runtime/network.h"

#include <ATen/ops/cross_entropy_loss.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "runtime/torch_status.h"

namespace nasc {

absl::StatusOr<Network> Network::Create(Program program, ParameterStore& store) {
  Network network(std::move(program));
  for (const ProgramStep& step : network.program_.steps) {
    const Kernel kernel = FindKernel(step.op);
    if (kernel == nullptr && step.op != "input" && step.op != "logits") {
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

Network::Output Network::Forward(const at::Tensor& images, const Logits& logits,
                                 const ForwardMode& mode) const {
  std::vector<at::Tensor> slots(program_.slots);
  std::vector<at::Tensor> inputs;
  for (size_t i = 0; i < program_.steps.size(); ++i) {
    const ProgramStep& step = program_.steps[i];
    at::Tensor value;
    if (step.op == "input") {
      value = images.contiguous(at::MemoryFormat::ChannelsLast);
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

at::Tensor Network::Loss(const Output& output, const at::Tensor& labels) const {
  at::Tensor loss = at::cross_entropy_loss(output.logits, labels);
  for (const ProgramResult& result : program_.results) {
    if (result.name == "auxiliary" && output.auxiliary.defined()) {
      loss = loss.add(at::cross_entropy_loss(output.auxiliary, labels), result.loss_weight);
    }
  }
  return loss;
}

}  // namespace nasc
