#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

// The vector instructions that our own kernels use.
namespace nasc::fused {

enum class Isa {
  kNone,  // no kernels of our own: LibTorch's operators compute everything
  kAvx2,
  kAvx512,
};

// The best that this processor has, until one is set.
Isa CurrentIsa();

// "none", "avx2", "avx512", "best". Error: a name that is unknown, or what the processor lacks.
absl::Status SetIsa(const std::string& name);

const char* NameOf(Isa isa);

}  // namespace nasc::fused
