#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace nasc::fused {

struct DepthwiseOptions {
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
};

// Whether Depthwise computes it: images of reals on a processor with vector instructions, one
// square filter a channel.
bool CoversDepthwise(const at::Tensor& x, const at::Tensor& filters);

// A depthwise convolution. LibTorch's own spends most of a step of DARTS in the gradients of these.
// `x` is [batch, channels, height, width] in channels-last order, as is what comes out; `filters`
// are [channels, 1, kernel, kernel].
at::Tensor Depthwise(const at::Tensor& x, const at::Tensor& filters,
                     const DepthwiseOptions& options);

struct DepthwiseGradients {
  at::Tensor x;
  at::Tensor filters;
};

// Of those gradients that are wanted, the others stay undefined.
DepthwiseGradients GradientsOfDepthwise(const at::Tensor& x, const at::Tensor& filters,
                                        const at::Tensor& dy, const DepthwiseOptions& options,
                                        bool by_x, bool by_filters);

}  // namespace nasc::fused
