#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

// Sums of tensors by coefficients, on the CPU. Tensors are images in channels-last order or rows
// [batch, channels]; coefficients are float64, [2, channels]: factors, then addends; or these of
// each image, [batch, 2, channels].
namespace nasc::fused {

struct Weighted {
  at::Tensor x;
  at::Tensor coefficients;  // undefined: x as it is
};

// Whether this folder computes with such a tensor: reals on a processor with vector instructions.
bool Covers(const at::Tensor& x);

at::Tensor Combine(const std::vector<Weighted>& terms);

// Float64, [1 + n, channels]: over batch and pixels the sum of dy, then that of dy times each x. Or
// these of each image: [batch, 1 + n, channels].
at::Tensor ChannelSums(const at::Tensor& dy, const std::vector<at::Tensor>& x, bool by_image);

// dy where y is positive, else zero.
at::Tensor ReluGradient(const at::Tensor& y, const at::Tensor& dy);

}  // namespace nasc::fused
