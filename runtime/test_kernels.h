// What the tests of kernels compute with.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/kernels.h"
#include "runtime/random/random.h"

namespace nasc {

using Tensors = std::vector<at::Tensor>;
using Attributes = std::vector<std::pair<std::string, std::variant<int64_t, double>>>;

inline at::Tensor Random(const std::vector<int64_t>& shape, uint64_t seed) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  Rng rng(seed);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<double>()[i] = rng.Gaussian();
  return tensor;
}

inline at::Tensor Values(const std::vector<double>& values) {
  const at::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
  return tensor;
}

// Two images of odd sizes, in the order that kernels are given.
inline at::Tensor Images(int64_t channels = 3, uint64_t seed = 1) {
  return Random({2, channels, 7, 5}, seed).contiguous(at::MemoryFormat::ChannelsLast);
}

inline at::Tensor Compute(const std::string& op, const Tensors& inputs,
                          const Attributes& attributes = {}, const Tensors& params = {},
                          const ForwardMode& mode = {}) {
  ProgramStep step;
  step.op = op;
  step.attributes = attributes;
  return FindKernel(op)({step, inputs, params, mode});
}

// The windows of a convolution or a pool.
struct Window {
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
  int64_t kernel_width = kernel;
  int64_t padding_width = padding;

  int64_t Height(int64_t size) const { return Size(size, kernel, padding); }
  int64_t Width(int64_t size) const { return Size(size, kernel_width, padding_width); }
  int64_t Size(int64_t size, int64_t side, int64_t added) const {
    const int64_t room = size + 2 * added - dilation * (side - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
  Attributes OfPool() const {
    return {{"kernel", kernel}, {"stride", stride}, {"padding", padding}};
  }
  Attributes OfConv() const {
    Attributes attributes = OfPool();
    attributes.emplace_back("dilation", dilation);
    attributes.emplace_back("padding_width", padding_width);
    return attributes;
  }
};

}  // namespace nasc
