// What the operators of this folder share.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

namespace nasc::fused {

inline at::Tensor EmptyImages(c10::IntArrayRef sizes, const at::Tensor& like) {
  return at::empty(sizes,
                   like.options().memory_format(sizes.size() == 4 ? at::MemoryFormat::ChannelsLast
                                                                  : at::MemoryFormat::Contiguous));
}

// Calls f with a number of the tensor's type.
template <typename F>
void WithType(const at::Tensor& x, const F& f) {
  if (x.scalar_type() == at::kFloat) {
    f(float{});
  } else {
    f(double{});
  }
}

// Images are computed each on its own, so that the number of threads changes no bit.
template <typename F>
void ForImages(int64_t batch, const F& f) {
  at::parallel_for(0, batch, /*grain_size=*/1, f);
}

// What adds up over images does so in parts of the batch, whose number does not depend on that of
// the threads.
inline int64_t PartsOf(int64_t batch) { return std::min<int64_t>(batch, 16); }

// Calls f(part, begin, end) for each part.
template <typename F>
void ForParts(int64_t batch, int64_t parts, const F& f) {
  at::parallel_for(0, parts, /*grain_size=*/1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      f(part, part * batch / parts, (part + 1) * batch / parts);
    }
  });
}

// The sum over the first dimension, in order.
inline at::Tensor SumParts(const at::Tensor& parts) {
  const int64_t size = parts.numel() / parts.size(0);
  at::Tensor sum = at::empty(parts.sizes().slice(1), at::kDouble);
  double* to = sum.data_ptr<double>();
  const double* from = parts.data_ptr<double>();
  std::copy(from, from + size, to);
  for (int64_t part = 1; part < parts.size(0); ++part) {
    for (int64_t i = 0; i < size; ++i) to[i] += from[part * size + i];
  }
  return sum;
}

// Rows of coefficients [2, channels] as numbers of the type that kernels compute in; null where the
// tensor is not defined. Those of each image, [batch, 2, channels], lie `image_step` apart.
template <typename T>
struct CoefficientRows {
  CoefficientRows(const at::Tensor& coefficients, const at::Tensor& like) {
    if (!coefficients.defined()) return;
    rows = coefficients.to(like.scalar_type());
    factor = rows.data_ptr<T>();
    addend = factor + rows.size(-1);
    if (rows.dim() == 3) image_step = 2 * rows.size(-1);
  }
  at::Tensor rows;
  const T* factor = nullptr;
  const T* addend = nullptr;
  int64_t image_step = 0;
};

// [channels, 1, kernel, kernel] to [kernel, kernel, channels] and back.
inline at::Tensor ChannelsInside(const at::Tensor& filters) {
  return filters.squeeze(1).permute({1, 2, 0}).contiguous();
}
inline at::Tensor ChannelsOutside(const at::Tensor& filters) {
  return filters.permute({2, 0, 1}).unsqueeze(1);
}

}  // namespace nasc::fused
