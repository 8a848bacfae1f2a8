#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "runtime/fused/pool.h"

// "Coefficients, ReLU, depthwise convolution, 1x1 convolution" in one pass over images in
// channels-last order, on the CPU. See separable_kernel.h.
namespace nasc::fused {

struct SeparableOptions {
  int64_t kernel = 0;  // 0: without the depthwise convolution
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
  bool relu = false;
  int64_t offset = 0;  // without the depthwise convolution: where the first pixel is read
};

struct SeparableParams {
  at::Tensor filters;  // [in channels, 1, kernel, kernel]; undefined without a depthwise part
  at::Tensor point;    // [out channels, in channels, 1, 1]
};

bool CoversSeparable(const at::Tensor& x, const SeparableParams& params);

WithMoments Separable(const Weighted& x, const SeparableParams& params,
                      const SeparableOptions& options, bool moments);

struct SeparableWanted {
  bool x = false;
  bool sums = false;
  bool filters = false;
  bool point = false;
};

struct SeparableGradients {
  at::Tensor x;     // by x behind its coefficients
  at::Tensor sums;  // float64, [2, channels]: of that, and of it times x
  at::Tensor filters;
  at::Tensor point;
};

// By x it is added to `into`, where that is defined.
SeparableGradients GradientsOfSeparable(const Weighted& x, const SeparableParams& params,
                                        const LoadedGradient& gradient,
                                        const SeparableOptions& options,
                                        const SeparableWanted& wanted, const at::Tensor& into);

}  // namespace nasc::fused
