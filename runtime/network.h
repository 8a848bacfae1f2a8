#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/passes/pass.h"
#include "compiler/program/program.h"
#include "runtime/executable.h"
#include "runtime/parameter_store.h"

namespace nasc {

struct NetworkOptions {
  // "all", "none", or names of passes joined by commas: see compiler/passes/pass.h.
  std::string passes = "all";
  bool recompute = false;  // less memory for more time: see RecomputeSegments
  // The bytes that a step of training at that batch may take beside its input and the weights; 0:
  // any. Where it takes more, recomputation is switched on.
  int64_t memory = 0;
  int64_t batch = 1;
};

// A program with its weights, ready to run.
class Network {
 public:
  // Makes the weights that the store lacks. The store must outlive the network and gives it its
  // tensors once: a tensor that is Put later is not seen. Error: a pass that is unknown, a weight
  // of another shape, a step that takes more than that memory, or a memory where that is not
  // planned (see Compute::compiles).
  static absl::StatusOr<Network> Create(Program program, ParameterStore& store,
                                        const NetworkOptions& options = {});

  // Logits of decisions by path, for a relaxed program.
  using Logits = std::map<std::string, at::Tensor>;

  struct Output {
    at::Tensor logits;     // [batch, classes]; what a regression tells, [batch, outputs]
    at::Tensor auxiliary;  // the same of the auxiliary head; undefined where there is none
  };

  // Images are [batch, channels, height, width], rows of features [batch, features]. Every decision
  // of the program must have logits. These throw what LibTorch throws; callers stand at our
  // boundary (see CatchTorch).
  Output Forward(const at::Tensor& input, const Logits& logits, const ForwardMode& mode) const;

  struct Outcome {
    double loss = 0;
    Output output;
  };
  // Computes in training the gradients of the loss that the goal asks for and sets `grad()` of
  // those weights and logits; of those that the loss does not depend on it stays as it is.
  Outcome Step(const at::Tensor& input, const at::Tensor& targets, const Logits& logits,
               const ForwardMode& mode, const StepGoal& goal) const;

  // The program as it was given, an operator of LibTorch a step, images in memory order [batch,
  // channels, height, width], under LibTorch's autograd: what the papers' codes do. Everything else
  // is measured and tested against it.
  Output Reference(const at::Tensor& input, const Logits& logits, const ForwardMode& mode) const;

  // Of labels, whole numbers [batch], or of soft targets, reals [batch, classes], the cross entropy
  // of the logits; of the targets of a regression, reals [batch, outputs], the mean squared error
  // (see ForwardMode::soft_targets). Plus that of the auxiliary head times its weight.
  at::Tensor Loss(const Output& output, const at::Tensor& targets,
                  const ForwardMode& mode = {}) const;

  const Program& program() const { return reference_->program(); }

  // What runs for that, compiled on first use.
  const Executable& Compiled(bool training, const StepGoal& goal) const;

 private:
  Network(Executable reference, ParameterStore& store, std::vector<const Pass*> passes,
          bool recompute);

  // On the device and in the precision of the process, where those are not what is compiled for.
  Output RunByTorch(const at::Tensor& input, const Logits& logits, const ForwardMode& mode) const;
  Outcome StepByTorch(const at::Tensor& input, const at::Tensor& targets, const Logits& logits,
                      const ForwardMode& mode, const StepGoal& goal) const;

  // Switches recomputation on where a step takes more. Error: it still does.
  absl::Status FitInto(int64_t memory, int64_t batch);

  std::unique_ptr<Executable> reference_;
  ParameterStore* store_;
  std::vector<const Pass*> passes_;
  bool recompute_;
  // By training, gradients of weights, gradients of decisions.
  mutable std::map<std::tuple<bool, bool, bool>, std::unique_ptr<Executable>> compiled_;
};

}  // namespace nasc
