#pragma once

#include <cstdint>

// Weighted sums of tensors and what their gradients need. Tensors are [pixels, channels], dense,
// with 1 to 2048 channels.
namespace nasc::fused {

template <typename T>
struct CombineOperand {
  const T* x = nullptr;      // [pixels, channels]
  const T* scale = nullptr;  // [channels]; 1 where null
  const T* shift = nullptr;  // [channels]; 0 where null
};

// Tensors that are written must not overlap those that are read, unless it says so. What pixels
// `begin` to `end` give does not depend on the others.
template <typename T>
struct CombineKernels {
  // y = sum over operands, at least one, of x * scale + shift. `scratch`: [2, channels].
  void (*combine)(const CombineOperand<T>* operands, int64_t count, int64_t channels, T* y,
                  T* scratch, int64_t begin, int64_t end);
  // sums: [1 + count, channels], over the pixels: of dy, then of dy * x[k] for each k, at least
  // one. Any x[k] may be dy.
  void (*sums)(const T* dy, const T* const* x, int64_t count, int64_t channels, double* sums,
               int64_t begin, int64_t end);
  // dx = y > 0 ? dy : 0, for numbers `begin` to `end` of the tensors. y is what ReLU gave, or what
  // it was given. dx may be dy.
  void (*relu_gradient)(const T* y, const T* dy, T* dx, int64_t begin, int64_t end);
};

namespace avx2 {
template <typename T>
CombineKernels<T> Combine();
}
namespace avx512 {
template <typename T>
CombineKernels<T> Combine();
}

}  // namespace nasc::fused
