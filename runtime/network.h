#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/program.h"
#include "runtime/kernels.h"
#include "runtime/parameter_store.h"

namespace nasc {

// A program with its weights, ready to run under LibTorch's autograd.
class Network {
 public:
  // Makes the weights that the store lacks. The store must outlive the network and gives it its
  // tensors once: a tensor that is Put later is not seen.
  static absl::StatusOr<Network> Create(Program program, ParameterStore& store);

  // Logits of decisions by path, for a relaxed program.
  using Logits = std::map<std::string, at::Tensor>;

  struct Output {
    at::Tensor logits;     // [batch, classes]; what a regression tells, [batch, outputs]
    at::Tensor auxiliary;  // the same of the auxiliary head; undefined where there is none
  };

  // Images are [batch, channels, height, width], rows of features [batch, features]. Every decision
  // of the program must have logits. Throws what LibTorch throws; callers stand at our boundary
  // (see CatchTorch).
  Output Forward(const at::Tensor& input, const Logits& logits, const ForwardMode& mode) const;

  // Of labels, whole numbers [batch], the cross entropy of the logits; of the targets of a
  // regression, reals [batch, outputs], the mean squared error. Plus that of the auxiliary head
  // times its weight.
  at::Tensor Loss(const Output& output, const at::Tensor& targets) const;

  const Program& program() const { return program_; }

 private:
  explicit Network(Program program) : program_(std::move(program)) {}

  Program program_;
  std::vector<Kernel> kernels_;                  // of each step
  std::vector<std::vector<at::Tensor>> params_;  // of each step
};

}  // namespace nasc
