#pragma once

#include <vector>

#include "runtime/fused/separable.h"

// What runtime/fused computes, by LibTorch's operators: for devices, types and processors that it
// does not cover.
namespace nasc::torch_images {

using fused::LoadedGradient;
using fused::PoolOptions;
using fused::SeparableGradients;
using fused::SeparableOptions;
using fused::SeparableParams;
using fused::SeparableWanted;
using fused::Weighted;
using fused::WithMoments;

at::Tensor Combine(const std::vector<Weighted>& terms);
at::Tensor ChannelSums(const at::Tensor& dy, const std::vector<at::Tensor>& x, bool by_image);
WithMoments Pool(const at::Tensor& x, const PoolOptions& options, bool moments);
at::Tensor GradientOfPool(const at::Tensor& x, c10::IntArrayRef sizes,
                          const LoadedGradient& gradient, const PoolOptions& options,
                          const at::Tensor& into);
WithMoments Separable(const Weighted& x, const SeparableParams& params,
                      const SeparableOptions& options, bool moments);
SeparableGradients GradientsOfSeparable(const Weighted& x, const SeparableParams& params,
                                        const LoadedGradient& gradient,
                                        const SeparableOptions& options,
                                        const SeparableWanted& wanted, const at::Tensor& into);

}  // namespace nasc::torch_images
