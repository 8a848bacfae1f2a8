#pragma once

#include <c10/core/Device.h>

#include <string>

#include "absl/status/status.h"

// Where programs run and how precisely: of the whole process, set once at its start.
namespace nasc {

struct Compute {
  c10::Device device = c10::kCPU;
  // Convolutions and products in bfloat16 by LibTorch's automatic mixed precision; weights and what
  // adds up stay float32.
  bool bf16 = false;

  // Whether programs are compiled for kernels of our own. Otherwise they run as they were given, on
  // LibTorch's operators and its autograd.
  bool compiles() const { return device.is_cpu() && !bf16; }
};

const Compute& CurrentCompute();

// Of "cpu", "cuda" or "cuda:1", and of "float32" or "bf16". Error: a name that is unknown, a device
// that this LibTorch or this machine lacks.
absl::Status SetCompute(const std::string& device, const std::string& precision);

}  // namespace nasc
