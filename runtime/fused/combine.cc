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
    bool by_image = false;
    for (const Weighted& term : terms) {
      rows.emplace_back(term.coefficients, first);
      by_image |= rows.back().image_step > 0;
    }
    const auto compute = [&](int64_t image, int64_t begin, int64_t end) {
      std::vector<CombineOperand<T>> operands;
      for (size_t k = 0; k < rows.size(); ++k) {
        CombineOperand<T>& operand = operands.emplace_back();
        operand.x = terms[k].x.data_ptr<T>();
        if (rows[k].factor == nullptr) continue;
        operand.scale = rows[k].factor + image * rows[k].image_step;
        operand.shift = rows[k].addend + image * rows[k].image_step;
      }
      const at::Tensor scratch = at::empty({2, channels}, first.options());
      Kernels<T>().combine(operands.data(), static_cast<int64_t>(operands.size()), channels,
                           y.data_ptr<T>(), scratch.data_ptr<T>(), begin, end);
    };
    const int64_t pixels = y.numel() / channels;
    if (!by_image) {
      at::parallel_for(0, pixels, kPixelsAtLeast,
                       [&](int64_t begin, int64_t end) { compute(0, begin, end); });
      return;
    }
    const int64_t image_pixels = pixels / first.size(0);
    ForImages(first.size(0), [&](int64_t begin, int64_t end) {
      for (int64_t image = begin; image < end; ++image) {
        compute(image, image * image_pixels, (image + 1) * image_pixels);
      }
    });
  });
  return y;
}

at::Tensor ChannelSums(const at::Tensor& dy, const std::vector<at::Tensor>& x, bool by_image) {
  const int64_t channels = dy.size(1);
  const int64_t batch = dy.size(0);
  const int64_t pixels = dy.numel() / channels / batch;
  const auto count = static_cast<int64_t>(x.size());
  const int64_t count_of_parts = by_image ? batch : PartsOf(batch);
  const at::Tensor parts = at::empty({count_of_parts, 1 + count, channels}, at::kDouble);
  WithType(dy, [&](auto zero) {
    using T = decltype(zero);
    std::vector<const T*> tensors;
    for (const at::Tensor& tensor : x) tensors.push_back(tensor.data_ptr<T>());
    ForParts(batch, count_of_parts, [&](int64_t part, int64_t begin, int64_t end) {
      Kernels<T>().sums(dy.data_ptr<T>(), tensors.data(), count, channels,
                        parts.data_ptr<double>() + part * (1 + count) * channels, begin * pixels,
                        end * pixels);
    });
  });
  return by_image ? parts : SumParts(parts);
}

at::Tensor ReluGradient(const at::Tensor& y, const at::Tensor& dy) {
  at::Tensor dx = EmptyImages(y.sizes(), y);
  WithType(y, [&](auto zero) {
    using T = decltype(zero);
    at::parallel_for(0, y.numel(), 8192, [&](int64_t begin, int64_t end) {
      Kernels<T>().relu_gradient(y.data_ptr<T>(), dy.data_ptr<T>(), dx.data_ptr<T>(), begin, end);
    });
  });
  return dx;
}

}  // namespace nasc::fused
