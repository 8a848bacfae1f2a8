#pragma once

#include <cstdint>

// Depthwise convolutions of images in memory order [batch, height, width, channels]; filters are
// [kernel, kernel, channels]. No bias.
namespace nasc::fused {

struct DepthwiseShape {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t out_height = 0;
  int64_t out_width = 0;
  int64_t kernel = 0;  // to kMostKernel
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
};
constexpr int64_t kMostKernel = 15;

// Each computes images `begin` to `end`. What one image gives does not depend on the others.
template <typename T>
struct DepthwiseKernels {
  void (*forward)(const DepthwiseShape& shape, const T* x, const T* filter, T* y, int64_t begin,
                  int64_t end);
  // `turned` is the filter by half a turn: its taps in reverse order.
  void (*input_gradient)(const DepthwiseShape& shape, const T* dy, const T* filter, const T* turned,
                         T* dx, int64_t begin, int64_t end);
  // The gradient of the filter by each image: [batch, kernel, kernel, channels].
  void (*filter_gradient)(const DepthwiseShape& shape, const T* x, const T* dy, T* gradients,
                          int64_t begin, int64_t end);
};

namespace avx2 {
template <typename T>
DepthwiseKernels<T> Depthwise();
}
namespace avx512 {
template <typename T>
DepthwiseKernels<T> Depthwise();
}

}  // namespace nasc::fused
