#include "runtime/fused/combine.h"

#include "runtime/fused/combine_kernel.h"
#include "runtime/fused/isa.h"
#include "runtime/fused/tensors.h"

namespace nasc::fused {
namespace {

template <typename T>
CombineKernels<T> Kernels() {
  return CurrentIsa() == Isa::kAvx512 ? avx512::Combine<T>() : avx2::Combine<T>();
}

constexpr int64_t kPixelsAtLeast = 512;  // of a thread

}  // namespace

bool Covers(const at::Tensor& x) {
  return CurrentIsa() != Isa::kNone && x.device().is_cpu() && (x.dim() == 4 || x.dim() == 2) &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

at::Tensor Combine(const std::vector<Weighted>& terms) {
  const at::Tensor& first = terms[0].x;
  const int64_t channels = first.size(1);
  at::Tensor y = EmptyImages(first.sizes(), first);
  WithType(first, [&](auto zero) {
    using T = decltype(zero);
    std::vector<CoefficientRows<T>> rows;
    std::vector<CombineOperand<T>> operands;
    for (const Weighted& term : terms) {
      rows.emplace_back(term.coefficients, first);
      operands.push_back({term.x.data_ptr<T>(), rows.back().factor, rows.back().addend});
    }
    at::parallel_for(0, y.numel() / channels, kPixelsAtLeast, [&](int64_t begin, int64_t end) {
      const at::Tensor scratch = at::empty({2, channels}, first.options());
      Kernels<T>().combine(operands.data(), static_cast<int64_t>(operands.size()), channels,
                           /*relu=*/false, /*accumulate=*/false, y.data_ptr<T>(),
                           scratch.data_ptr<T>(), begin, end);
    });
  });
  return y;
}

at::Tensor ChannelSums(const at::Tensor& dy, const std::vector<at::Tensor>& x) {
  const int64_t channels = dy.size(1);
  const int64_t batch = dy.size(0);
  const int64_t pixels = dy.numel() / channels / batch;
  const auto count = static_cast<int64_t>(x.size());
  const at::Tensor parts = at::empty({PartsOf(batch), 1 + count, channels}, at::kDouble);
  WithType(dy, [&](auto zero) {
    using T = decltype(zero);
    std::vector<const T*> tensors;
    for (const at::Tensor& tensor : x) tensors.push_back(tensor.data_ptr<T>());
    ForParts(batch, [&](int64_t part, int64_t begin, int64_t end) {
      Kernels<T>().sums(dy.data_ptr<T>(), tensors.data(), count, channels,
                        parts.data_ptr<double>() + part * (1 + count) * channels, begin * pixels,
                        end * pixels);
    });
  });
  return SumParts(parts);
}

at::Tensor ReluGradient(const at::Tensor& y, const at::Tensor& dy) {
  at::Tensor dx = EmptyImages(y.sizes(), y);
  WithType(y, [&](auto zero) {
    using T = decltype(zero);
    at::parallel_for(0, y.numel(), 8192, [&](int64_t begin, int64_t end) {
      Kernels<T>().relu_gradient(y.data_ptr<T>(), dy.data_ptr<T>(), dx.data_ptr<T>(),
                                 /*accumulate=*/false, begin, end);
    });
  });
  return dx;
}

}  // namespace nasc::fused
