#pragma once

#include <cstdint>

// The unit "read, relu?, depthwise convolution?, 1x1 convolution" and its gradients, on dense
// images in memory order [batch, height, width, channels]. With the batch norm of the unit before
// applied to what is read:
//
//   u = x * scale[c] + shift[c]
//   p = relu ? max(u, 0) : u
//   d = depthwise convolution of p, zeros outside of the image, no bias
//   z[o] = sum over c of d[c] * point[c][o]
namespace nasc::fused {

struct SeparableShape {
  static constexpr int64_t kMostKernel = 15;

  int64_t height = 0;
  int64_t width = 0;
  int64_t in_channels = 0;
  int64_t out_height = 0;
  int64_t out_width = 0;
  int64_t out_channels = 0;
  // 0: no depthwise convolution; z[row, column] is of p[row * stride + offset, column * stride +
  // offset], zeros (also with `scale` and `shift`) outside of the image.
  int64_t kernel = 0;
  int64_t stride = 1;
  int64_t offset = 0;   // not negative, 0 with a depthwise convolution
  int64_t padding = 0;  // 0 without a depthwise convolution
  int64_t dilation = 1;
  bool relu = false;
};

template <typename T>
struct SeparableForward {
  const T* x = nullptr;       // [batch, height, width, in_channels]
  const T* scale = nullptr;   // [in_channels], null together with shift: u = x
  const T* shift = nullptr;   // [in_channels]
  const T* filter = nullptr;  // [kernel, kernel, in_channels], unused if kernel is 0
  const T* point = nullptr;   // [in_channels, out_channels]
  T* z = nullptr;             // [batch, out_height, out_width, out_channels]
  // [batch, 2, out_channels] or null: by image, the sums of z and of z * z over the pixels.
  double* sums = nullptr;
};

// The gradient of z is that of the batch norm behind it, computed while it is read:
//
//   g = dy * dy_scale[o] + z * z_scale[o] + offset[o]
template <typename T>
struct SeparableBackward {
  const T* dy = nullptr;        // [batch, out_height, out_width, out_channels]
  const T* dy_scale = nullptr;  // [out_channels], null: 1
  // From the dy_scale of one image to that of the next; 0: they share it.
  int64_t dy_scale_step = 0;
  const T* z = nullptr;        // as dy; null together with z_scale and offset: g = dy * dy_scale
  const T* z_scale = nullptr;  // [out_channels]
  const T* offset = nullptr;   // [out_channels]

  // As the forward pass had them.
  const T* x = nullptr;
  const T* scale = nullptr;
  const T* shift = nullptr;
  const T* filter = nullptr;
  const T* point = nullptr;

  // What is null is not computed.
  T* dx = nullptr;          // as x: the gradient of u (not of x: it lacks the factor `scale`)
  bool accumulate = false;  // add to dx what would be stored otherwise
  // [batch, 2, in_channels]: by image, the sums of the gradient of u and of its product with x over
  // the pixels. Only with dx, and not with `accumulate`.
  double* dx_sums = nullptr;
  T* dfilter = nullptr;  // as filter; added to, over the images of the call
  T* dpoint = nullptr;   // as point; added to, over the images of the call
};

// Each computes images `begin` to `end`. Apart from dfilter and dpoint, what one image gives does
// not depend on the others.
template <typename T>
struct SeparableKernels {
  // How many elements `scratch`, aligned to 64 bytes, must have for a call of either function.
  int64_t (*scratch)(const SeparableShape& shape);
  void (*forward)(const SeparableShape& shape, const SeparableForward<T>& tensors, T* scratch,
                  int64_t begin, int64_t end);
  void (*backward)(const SeparableShape& shape, const SeparableBackward<T>& tensors, T* scratch,
                   int64_t begin, int64_t end);
};

namespace avx2 {
template <typename T>
SeparableKernels<T> Separable();
}
namespace avx512 {
template <typename T>
SeparableKernels<T> Separable();
}

}  // namespace nasc::fused
