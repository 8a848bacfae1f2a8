#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "runtime/fused/combine.h"

// Pools of images in channels-last order, on the CPU.
namespace nasc::fused {

struct PoolOptions {
  bool greatest = true;  // else the mean of the pixels of a window that lie in the image
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
};

struct WithMoments {
  at::Tensor y;
  at::Tensor moments;  // float64, [2, channels]: sums of y and of y * y; undefined if not wanted
};

WithMoments Pool(const at::Tensor& x, const PoolOptions& options, bool moments);

// The gradient of y, as the sum of two tensors by coefficients.
struct LoadedGradient {
  Weighted dy;
  Weighted y;  // undefined where there is none
};

// By x, whose sizes are given; added to `into` where that is defined. Only the greatest of a window
// needs x itself.
at::Tensor GradientOfPool(const at::Tensor& x, c10::IntArrayRef sizes,
                          const LoadedGradient& gradient, const PoolOptions& options,
                          const at::Tensor& into);

}  // namespace nasc::fused
