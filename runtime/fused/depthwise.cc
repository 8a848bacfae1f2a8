#include "runtime/fused/depthwise.h"

#include "runtime/fused/combine.h"
#include "runtime/fused/depthwise_kernel.h"
#include "runtime/fused/isa.h"
#include "runtime/fused/tensors.h"

namespace nasc::fused {
namespace {

template <typename T>
DepthwiseKernels<T> Kernels() {
  // Nothing of a set that the processor lacks may be called, not even this.
  return CurrentIsa() == Isa::kAvx512 ? avx512::Depthwise<T>() : avx2::Depthwise<T>();
}

int64_t SizeOf(int64_t size, const DepthwiseShape& s) {
  return (size + 2 * s.padding - s.dilation * (s.kernel - 1) - 1) / s.stride + 1;
}

DepthwiseShape ShapeOf(const at::Tensor& x, const at::Tensor& filters,
                       const DepthwiseOptions& options) {
  DepthwiseShape shape;
  shape.height = x.size(2);
  shape.width = x.size(3);
  shape.channels = x.size(1);
  shape.kernel = filters.size(2);
  shape.stride = options.stride;
  shape.padding = options.padding;
  shape.dilation = options.dilation;
  shape.out_height = SizeOf(shape.height, shape);
  shape.out_width = SizeOf(shape.width, shape);
  return shape;
}

}  // namespace

bool CoversDepthwise(const at::Tensor& x, const at::Tensor& filters) {
  return Covers(x) && x.dim() == 4 && filters.size(0) == x.size(1) && filters.size(1) == 1 &&
         filters.size(2) == filters.size(3) && filters.size(2) <= kMostKernel;
}

at::Tensor Depthwise(const at::Tensor& x, const at::Tensor& filters,
                     const DepthwiseOptions& options) {
  const DepthwiseShape shape = ShapeOf(x, filters, options);
  const at::Tensor taps = ChannelsInside(filters);
  at::Tensor y = EmptyImages({x.size(0), shape.channels, shape.out_height, shape.out_width}, x);
  WithType(x, [&](auto zero) {
    using T = decltype(zero);
    ForImages(x.size(0), [&](int64_t begin, int64_t end) {
      Kernels<T>().forward(shape, x.data_ptr<T>(), taps.data_ptr<T>(), y.data_ptr<T>(), begin, end);
    });
  });
  return y;
}

DepthwiseGradients GradientsOfDepthwise(const at::Tensor& x, const at::Tensor& filters,
                                        const at::Tensor& dy, const DepthwiseOptions& options,
                                        bool by_x, bool by_filters) {
  const DepthwiseShape shape = ShapeOf(x, filters, options);
  DepthwiseGradients made;
  WithType(x, [&](auto zero) {
    using T = decltype(zero);
    if (by_x) {
      const at::Tensor taps = ChannelsInside(filters);
      const at::Tensor turned = taps.flip({0, 1});
      made.x = EmptyImages(x.sizes(), x);
      ForImages(x.size(0), [&](int64_t begin, int64_t end) {
        Kernels<T>().input_gradient(shape, dy.data_ptr<T>(), taps.data_ptr<T>(),
                                    turned.data_ptr<T>(), made.x.data_ptr<T>(), begin, end);
      });
    }
    if (by_filters) {
      const at::Tensor each =
          at::empty({x.size(0), shape.kernel, shape.kernel, shape.channels}, x.options());
      ForImages(x.size(0), [&](int64_t begin, int64_t end) {
        Kernels<T>().filter_gradient(shape, x.data_ptr<T>(), dy.data_ptr<T>(), each.data_ptr<T>(),
                                     begin, end);
      });
      made.filters = ChannelsOutside(each.sum(0));
    }
  });
  return made;
}

}  // namespace nasc::fused
