#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/program/program.h"
#include "runtime/parameter_store.h"
#include "runtime/steps/step_kernel.h"

namespace nasc {

// A program with the kernels of its steps and the weights that they read.
class Executable {
 public:
  enum class Kernels {
    kOwn,       // those of runtime/steps where there are any; nothing is recorded for autograd
    kLibTorch,  // those of runtime/kernels.h alone, one operator a step, which autograd can follow
  };

  // Makes the weights that the store lacks; see Network::Create.
  static absl::StatusOr<Executable> Create(Program program, ParameterStore& store, Kernels kernels);

  // Tensors of the program's values; of each, only those that the program keeps to its end.
  using Values = std::vector<at::Tensor>;

  // Sees what each step of one output has made, before anything is freed.
  using Observer = std::function<void(const ProgramStep& step, const at::Tensor& value)>;

  // Decisions have their logits by path. `targets` are read by the loss, where there is one.
  // Throws what LibTorch throws.
  Values Run(const at::Tensor& input, const at::Tensor& targets,
             const std::map<std::string, at::Tensor>& logits, const ForwardMode& mode,
             const Observer& observe = nullptr) const;

  const Program& program() const { return program_; }
  // Of Program::params, the whole where it is a part; undefined: one that no step reads.
  const std::vector<at::Tensor>& params() const { return params_; }

 private:
  // One of the two, or none for what is given.
  struct Computes {
    Kernel kernel = nullptr;
    StepKernel step = nullptr;
  };

  explicit Executable(Program program) : program_(std::move(program)) {}

  Program program_;
  bool own_kernels_ = false;
  int64_t macs_ = 0;                                  // of a run, for one example
  std::vector<Computes> computes_;                    // of each step
  std::vector<std::vector<at::Tensor>> step_params_;  // of each step
  std::vector<at::Tensor> params_;
};

}  // namespace nasc
