#include "runtime/network.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "compiler/program/memory.h"
#include "glog/logging.h"
#include "runtime/autocast.h"
#include "runtime/compute.h"

namespace nasc {
namespace {

at::Tensor LossOf(const at::Tensor& output, const at::Tensor& targets, bool soft_targets) {
  return targets.is_floating_point() && !soft_targets ? at::mse_loss(output, targets)
                                                      : at::cross_entropy_loss(output, targets);
}

at::Tensor InOrder(const at::Tensor& input, at::MemoryFormat images) {
  return input.contiguous(input.dim() == 4 ? images : at::MemoryFormat::Contiguous);
}

Network::Output OutputOf(const Program& program, const Executable::Values& values) {
  Network::Output output;
  for (const ProgramResult& result : program.results) {
    (result.name == "auxiliary" ? output.auxiliary : output.logits) = values[result.value];
  }
  return output;
}

at::Tensor OnCpu(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.detach().to(at::kCPU, at::kFloat) : tensor;
}
Network::Output OnCpu(const Network::Output& output) {
  return {OnCpu(output.logits), OnCpu(output.auxiliary)};
}

// A copy, in the order in memory that the tensor has: what a program makes may be a view.
void SetGradient(const at::Tensor& tensor, const at::Tensor& gradient) {
  tensor.mutable_grad() = at::empty_like(tensor).copy_(gradient);
}

// Parts of a weight add to its gradient, which is zero where no part has it.
void SetWeightGradients(const Program& program, const std::vector<at::Tensor>& params,
                        const Executable::Values& values) {
  for (const ProgramGradient& gradient : program.weight_gradients) {
    if (program.params[gradient.of].whole.empty()) continue;
    params[gradient.of].mutable_grad() = at::zeros_like(params[gradient.of]);
  }
  for (const ProgramGradient& gradient : program.weight_gradients) {
    const ProgramParam& param = program.params[gradient.of];
    const at::Tensor& weight = params[gradient.of];
    if (param.whole.empty()) {
      SetGradient(weight, values[gradient.value]);
    } else {
      PartOf(weight.grad(), param).add_(values[gradient.value]);
    }
  }
}

}  // namespace

Network::Network(Executable reference, ParameterStore& store, std::vector<const Pass*> passes,
                 bool recompute)
    : reference_(std::make_unique<Executable>(std::move(reference))),
      store_(&store),
      passes_(std::move(passes)),
      recompute_(recompute) {}

absl::StatusOr<Network> Network::Create(Program program, ParameterStore& store,
                                        const NetworkOptions& options) {
  absl::StatusOr<std::vector<const Pass*>> passes = PassesNamed(options.passes);
  if (!passes.ok()) return passes.status();
  absl::StatusOr<Executable> reference =
      Executable::Create(std::move(program), store, Executable::Kernels::kLibTorch);
  if (!reference.ok()) return reference.status();
  Network network(*std::move(reference), store, *std::move(passes), options.recompute);
  if (options.memory > 0 && !CurrentCompute().compiles()) {
    return absl::InvalidArgumentError(
        "memory is planned for float32 on the CPU alone: leave out --memory, or `require memory`");
  }
  if (options.memory > 0) {
    if (absl::Status status = network.FitInto(options.memory, options.batch); !status.ok()) {
      return status;
    }
  }
  return network;
}

absl::Status Network::FitInto(int64_t memory, int64_t batch) {
  StepGoal goal;
  goal.weights = true;
  goal.decisions = !program().decisions.empty();
  int64_t needed = 0;
  for (const bool recompute : {recompute_, true}) {
    const Program step = CompileStep(program(), {/*training=*/true, goal, passes_, recompute});
    const auto bytes = static_cast<int64_t>(c10::elementSize(store_->dtype()));
    needed = PeakOf(step, {batch, bytes}).bytes;
    recompute_ = recompute;
    if (needed <= memory) return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrFormat("a step of training at batch %d needs %.2f MB of memory, even where it "
                      "computes again what it "
                      "can; it may take %.2f MB: a smaller batch needs less",
                      batch, static_cast<double>(needed) / 1e6, static_cast<double>(memory) / 1e6));
}

const Executable& Network::Compiled(bool training, const StepGoal& goal) const {
  std::unique_ptr<Executable>& compiled = compiled_[{training, goal.weights, goal.decisions}];
  if (compiled == nullptr) {
    absl::StatusOr<Executable> made =
        Executable::Create(CompileStep(program(), {training, goal, passes_, recompute_}), *store_,
                           Executable::Kernels::kOwn);
    CHECK(made.ok()) << made.status();  // the weights are there, and a pass adds only what runs
    compiled = std::make_unique<Executable>(*std::move(made));
  }
  return *compiled;
}

Network::Output Network::Forward(const at::Tensor& input, const Logits& logits,
                                 const ForwardMode& mode) const {
  const at::NoGradGuard no_grad;
  if (!CurrentCompute().compiles()) return OnCpu(RunByTorch(input, logits, mode));
  const Executable& compiled = Compiled(mode.training, {});
  return OutputOf(compiled.program(),
                  compiled.Run(InOrder(input, at::MemoryFormat::ChannelsLast), {}, logits, mode));
}

Network::Outcome Network::Step(const at::Tensor& input, const at::Tensor& targets,
                               const Logits& logits, const ForwardMode& mode,
                               const StepGoal& goal) const {
  if (!CurrentCompute().compiles()) return StepByTorch(input, targets, logits, mode, goal);
  const at::NoGradGuard no_grad;
  const Executable& compiled = Compiled(/*training=*/true, goal);
  const Program& program = compiled.program();
  const Executable::Values values =
      compiled.Run(InOrder(input, at::MemoryFormat::ChannelsLast), targets, logits, mode);
  SetWeightGradients(program, compiled.params(), values);
  for (const ProgramGradient& gradient : program.decision_gradients) {
    SetGradient(logits.at(program.decisions[gradient.of].path), values[gradient.value]);
  }
  return {values[program.loss].item<double>(), OutputOf(program, values)};
}

Network::Output Network::RunByTorch(const at::Tensor& input, const Logits& logits,
                                    const ForwardMode& mode) const {
  const Compute& compute = CurrentCompute();
  const at::Tensor images = InOrder(input.to(compute.device), at::MemoryFormat::ChannelsLast);
  std::optional<Autocast> autocast;
  if (compute.bf16) autocast.emplace(compute.device);
  return OutputOf(program(), reference_->Run(images, {}, logits, mode));
}

Network::Outcome Network::StepByTorch(const at::Tensor& input, const at::Tensor& targets,
                                      const Logits& logits, const ForwardMode& mode,
                                      const StepGoal& goal) const {
  const at::AutoGradMode enable(true);
  const c10::Device device = CurrentCompute().device;
  std::vector<at::Tensor> wanted;  // as the program reads them
  std::vector<at::Tensor> owners;  // whose gradients these are
  if (goal.weights) {
    for (size_t i = 0; i < program().params.size(); ++i) {
      const at::Tensor& weight = reference_->params()[i];
      if (program().params[i].role != ir::Param::Role::kWeight || !weight.defined()) continue;
      wanted.push_back(weight);
      owners.push_back(wanted.back());
    }
  }
  Logits read;
  for (const auto& [path, tensor] : logits) {
    read[path] = tensor.detach().to(device).set_requires_grad(goal.decisions);
    if (!goal.decisions) continue;
    wanted.push_back(read[path]);
    owners.push_back(tensor);
  }
  const Output output = RunByTorch(input, read, mode);
  const at::Tensor loss =
      Loss({output.logits.to(at::kFloat),
            output.auxiliary.defined() ? output.auxiliary.to(at::kFloat) : output.auxiliary},
           targets.to(device), mode);
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({loss}, wanted, /*grad_outputs=*/{}, /*retain_graph=*/false,
                            /*create_graph=*/false, /*allow_unused=*/true);
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < owners.size(); ++i) {
    if (gradients[i].defined()) SetGradient(owners[i], gradients[i]);
  }
  return {loss.item<double>(), OnCpu(output)};
}

Network::Output Network::Reference(const at::Tensor& input, const Logits& logits,
                                   const ForwardMode& mode) const {
  return OutputOf(program(),
                  reference_->Run(InOrder(input, at::MemoryFormat::Contiguous), {}, logits, mode));
}

at::Tensor Network::Loss(const Output& output, const at::Tensor& targets,
                         const ForwardMode& mode) const {
  at::Tensor loss = LossOf(output.logits, targets, mode.soft_targets);
  for (const ProgramResult& result : program().results) {
    if (result.name == "auxiliary" && output.auxiliary.defined()) {
      loss = loss.add(LossOf(output.auxiliary, targets, mode.soft_targets), result.loss_weight);
    }
  }
  return loss;
}

}  // namespace nasc
