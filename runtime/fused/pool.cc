#include "runtime/fused/pool.h"

#include "runtime/fused/isa.h"
#include "runtime/fused/pool_kernel.h"
#include "runtime/fused/tensors.h"

namespace nasc::fused {
namespace {

template <typename T>
PoolKernels<T> Kernels() {
  return CurrentIsa() == Isa::kAvx512 ? avx512::Pool<T>() : avx2::Pool<T>();
}

PoolShape ShapeOf(c10::IntArrayRef sizes, const PoolOptions& options) {
  PoolShape shape;
  shape.channels = sizes[1];
  shape.height = sizes[2];
  shape.width = sizes[3];
  shape.kernel = options.kernel;
  shape.stride = options.stride;
  shape.padding = options.padding;
  const auto out = [&](int64_t size) {
    return (size + 2 * options.padding - options.kernel) / options.stride + 1;
  };
  shape.out_height = out(shape.height);
  shape.out_width = out(shape.width);
  return shape;
}

}  // namespace

WithMoments Pool(const at::Tensor& x, const PoolOptions& options, bool moments) {
  const PoolShape shape = ShapeOf(x.sizes(), options);
  const int64_t batch = x.size(0);
  WithMoments made;
  made.y = EmptyImages({batch, shape.channels, shape.out_height, shape.out_width}, x);
  const at::Tensor sums = at::empty({moments ? batch : 0, 2, shape.channels}, at::kDouble);
  WithType(x, [&](auto zero) {
    using T = decltype(zero);
    ForImages(batch, [&](int64_t begin, int64_t end) {
      const PoolKernels<T> kernels = Kernels<T>();
      const at::Tensor scratch = at::empty({kernels.scratch_size(shape)}, x.options());
      (options.greatest ? kernels.max_forward : kernels.average_forward)(
          shape, x.data_ptr<T>(), made.y.data_ptr<T>(), moments ? sums.data_ptr<double>() : nullptr,
          scratch.data_ptr<T>(), begin, end);
    });
  });
  if (moments) made.moments = SumParts(sums);
  return made;
}

at::Tensor GradientOfPool(const at::Tensor& x, c10::IntArrayRef sizes,
                          const LoadedGradient& gradient, const PoolOptions& options,
                          const at::Tensor& into) {
  const PoolShape shape = ShapeOf(sizes, options);
  const at::Tensor& dy = gradient.dy.x;
  at::Tensor dx = into.defined() ? into : EmptyImages(sizes, dy);
  WithType(dy, [&](auto zero) {
    using T = decltype(zero);
    const CoefficientRows<T> of_dy(gradient.dy.coefficients, dy);
    const CoefficientRows<T> of_y(gradient.y.coefficients, dy);
    PoolGradient<T> loaded;
    loaded.dy = dy.data_ptr<T>();
    loaded.dy_scale = of_dy.factor;
    if (gradient.y.x.defined()) {
      loaded.z = gradient.y.x.data_ptr<T>();
      loaded.z_scale = of_y.factor;
      loaded.offset = of_y.addend;
    }
    ForImages(dy.size(0), [&](int64_t begin, int64_t end) {
      const PoolKernels<T> kernels = Kernels<T>();
      const at::Tensor scratch = at::empty({kernels.scratch_size(shape)}, dy.options());
      if (options.greatest) {
        kernels.max_backward(shape, x.data_ptr<T>(), loaded, dx.data_ptr<T>(), into.defined(),
                             scratch.data_ptr<T>(), begin, end);
      } else {
        kernels.average_backward(shape, loaded, dx.data_ptr<T>(), into.defined(),
                                 scratch.data_ptr<T>(), begin, end);
      }
    });
  });
  return dx;
}

}  // namespace nasc::fused
