#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program/program.h"
#include "gtest/gtest.h"
#include "runtime/random/random.h"

// The convolutional example spaces as programs.
namespace nasc {

struct Example {
  const char* space;
  const char* scale;
  int64_t size;  // of images
  int architectures;
};

// The smallest scale of each; sizes that are odd somewhere below.
const std::vector<Example>& Examples();

ir::Graph SupernetOf(const Example& example);

// The mixtures and a sample, where there are any, and architectures at random.
std::vector<Program> ProgramsOf(const Example& example);

// For the name of a test.
std::string NameOf(const testing::TestParamInfo<Example>& info);

at::Tensor Gaussian(const std::vector<int64_t>& shape, Rng& rng);

}  // namespace nasc
