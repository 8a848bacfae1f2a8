#include "runtime/network.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mse_loss.h>

#include <utility>

#include "absl/strings/str_format.h"
#include "compiler/program/memory.h"
#include "glog/logging.h"

namespace nasc {
namespace {

// Labels are whole numbers, the targets of a regression reals.
at::Tensor LossOf(const at::Tensor& output, const at::Tensor& targets) {
  return targets.is_floating_point() ? at::mse_loss(output, targets)
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

// A copy, in the order in memory that the tensor has: what a program makes may be a view.
void SetGradient(const at::Tensor& tensor, const at::Tensor& gradient) {
  tensor.mutable_grad() = at::empty_like(tensor).copy_(gradient);
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
  const Executable& compiled = Compiled(mode.training, {});
  return OutputOf(compiled.program(),
                  compiled.Run(InOrder(input, at::MemoryFormat::ChannelsLast), {}, logits, mode));
}

Network::Outcome Network::Step(const at::Tensor& input, const at::Tensor& targets,
                               const Logits& logits, const ForwardMode& mode,
                               const StepGoal& goal) const {
  const at::NoGradGuard no_grad;
  const Executable& compiled = Compiled(/*training=*/true, goal);
  const Program& program = compiled.program();
  const Executable::Values values =
      compiled.Run(InOrder(input, at::MemoryFormat::ChannelsLast), targets, logits, mode);
  for (const ProgramGradient& gradient : program.weight_gradients) {
    SetGradient(compiled.params()[gradient.of], values[gradient.value]);
  }
  for (const ProgramGradient& gradient : program.decision_gradients) {
    SetGradient(logits.at(program.decisions[gradient.of].path), values[gradient.value]);
  }
  return {values[program.loss].item<double>(), OutputOf(program, values)};
}

Network::Output Network::Reference(const at::Tensor& input, const Logits& logits,
                                   const ForwardMode& mode) const {
  return OutputOf(program(),
                  reference_->Run(InOrder(input, at::MemoryFormat::Contiguous), {}, logits, mode));
}

at::Tensor Network::Loss(const Output& output, const at::Tensor& targets) const {
  at::Tensor loss = LossOf(output.logits, targets);
  for (const ProgramResult& result : program().results) {
    if (result.name == "auxiliary" && output.auxiliary.defined()) {
      loss = loss.add(LossOf(output.auxiliary, targets), result.loss_weight);
    }
  }
  return loss;
}

}  // namespace nasc
