#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/program/program.h"

namespace nasc {

// The part of the whole that a sample has, which shares its memory: the first channels, the middle
// of a window. The whole itself, where it is not a part.
at::Tensor PartOf(const at::Tensor& whole, const ProgramParam& param);

// The weights and buffers of networks under their structural names. Programs that name the same
// weight share it.
class ParameterStore {
 public:
  // `dtype` is float32 or float64, the device that of the process (see compute.h). What a weight
  // starts with is a function of the seed and its name alone, so it does not depend on what else
  // the network has.
  ParameterStore(at::ScalarType dtype, uint64_t seed) : dtype_(dtype), seed_(seed) {}

  // The tensor of that name, made by its rule on first use; of a part, the whole. Filters are
  // stored in channels-last order. Error: a tensor of that name and another shape.
  absl::StatusOr<at::Tensor> Get(const ProgramParam& param);

  // In the order of their names.
  std::vector<at::Tensor> Weights() const;
  const std::map<std::string, at::Tensor>& tensors() const { return tensors_; }

  // Takes a tensor as it is; programs built afterwards use it.
  void Put(const std::string& name, ir::Param::Role role, at::Tensor tensor);

  at::ScalarType dtype() const { return dtype_; }

 private:
  at::ScalarType dtype_;
  uint64_t seed_;
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, ir::Param::Role> roles_;
};

}  // namespace nasc
