#pragma once

#include <cstdint>

// Pooling of images in memory order [batch, height, width, channels], dense.
namespace nasc::fused {

// Every window must hold a pixel of the image, as it does where 2 * padding <= kernel.
struct PoolShape {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t out_height = 0;
  int64_t out_width = 0;
  int64_t kernel = 0;
  int64_t stride = 1;
  int64_t padding = 0;
};

// The gradient of what a pool gave, computed where it is read: that of a batch norm behind the pool
// takes no pass of its own.
//   dy * dy_scale[channel] + z * z_scale[channel] + offset[channel]
template <typename T>
struct PoolGradient {
  const T* dy = nullptr;        // [batch, out_height, out_width, channels]
  const T* dy_scale = nullptr;  // [channels]; 1 where null
  const T* z = nullptr;         // of dy's shape; it, z_scale and offset are all null or none is
  const T* z_scale = nullptr;   // [channels]
  const T* offset = nullptr;    // [channels]
};

// Each computes images `begin` to `end`. What one image gives does not depend on the others.
// Tensors that are written must not overlap those that are read.
template <typename T>
struct PoolKernels {
  // How many numbers the `scratch` of the others must hold.
  int64_t (*scratch_size)(const PoolShape& shape);
  // Both set sums, unless null: [batch, 2, channels], those of y and of y * y over an image.
  // A NaN is the maximum of its window.
  void (*max_forward)(const PoolShape& shape, const T* x, T* y, double* sums, T* scratch,
                      int64_t begin, int64_t end);
  // The mean of those pixels of a window that lie in the image.
  void (*average_forward)(const PoolShape& shape, const T* x, T* y, double* sums, T* scratch,
                          int64_t begin, int64_t end);
  // Both store dx or add to it. The gradient goes to the first of equal maxima, in order of rows,
  // then columns; where there is a NaN, to the last one.
  void (*max_backward)(const PoolShape& shape, const T* x, const PoolGradient<T>& gradient, T* dx,
                       bool accumulate, T* scratch, int64_t begin, int64_t end);
  void (*average_backward)(const PoolShape& shape, const PoolGradient<T>& gradient, T* dx,
                           bool accumulate, T* scratch, int64_t begin, int64_t end);
};

namespace avx2 {
template <typename T>
PoolKernels<T> Pool();
}
namespace avx512 {
template <typename T>
PoolKernels<T> Pool();
}

}  // namespace nasc::fused
