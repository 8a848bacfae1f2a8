#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

// Channels side by side, taken apart and put in another order, on the CPU: images in channels-last
// order or rows [batch, channels].
namespace nasc::fused {

at::Tensor Concat(const std::vector<at::Tensor>& x);

// A tensor for each part of so many channels that is wanted; undefined where it is not.
std::vector<at::Tensor> Split(const at::Tensor& x, const std::vector<int64_t>& sizes,
                              const std::vector<bool>& wanted);

// Channels of equal groups, interleaved: the first of each group, the second of each, and so on.
at::Tensor Shuffle(const at::Tensor& x, int64_t groups);

// Adds `part` to the channels of `whole` from `first` on.
void AddToChannels(const at::Tensor& whole, const at::Tensor& part, int64_t first);

}  // namespace nasc::fused
