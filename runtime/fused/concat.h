#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

// Channels side by side, on the CPU: images in channels-last order or rows [batch, channels].
namespace nasc::fused {

at::Tensor Concat(const std::vector<at::Tensor>& x);

// A tensor for each part of so many channels that is wanted; undefined where it is not.
std::vector<at::Tensor> Split(const at::Tensor& x, const std::vector<int64_t>& sizes,
                              const std::vector<bool>& wanted);

}  // namespace nasc::fused
