#include "runtime/fused/separable.h"

#include <ATen/ops/zeros.h>

#include "runtime/fused/isa.h"
#include "runtime/fused/separable_kernel.h"
#include "runtime/fused/tensors.h"

namespace nasc::fused {
namespace {

template <typename T>
SeparableKernels<T> Kernels() {
  return CurrentIsa() == Isa::kAvx512 ? avx512::Separable<T>() : avx2::Separable<T>();
}

SeparableShape ShapeOf(const at::Tensor& x, const SeparableParams& params,
                       const SeparableOptions& options) {
  SeparableShape shape;
  shape.height = x.size(2);
  shape.width = x.size(3);
  shape.in_channels = x.size(1);
  shape.out_channels = params.point.size(0);
  shape.kernel = options.kernel;
  shape.stride = options.stride;
  shape.padding = options.padding;
  shape.dilation = options.dilation;
  shape.relu = options.relu;
  shape.offset = options.offset;
  const int64_t reach = options.kernel > 0 ? options.dilation * (options.kernel - 1) : 0;
  const auto out = [&](int64_t size) {
    return (size + 2 * options.padding - reach - 1) / options.stride + 1;
  };
  shape.out_height = out(shape.height);
  shape.out_width = out(shape.width);
  return shape;
}

at::Tensor Taps(const SeparableParams& params, const at::Tensor& x) {
  return params.filters.defined() ? ChannelsInside(params.filters) : at::empty({0}, x.options());
}

// [out, in, 1, 1] to [in, out] and back.
at::Tensor InputsOutside(const at::Tensor& point) { return point.flatten(1).t().contiguous(); }
at::Tensor OutputsOutside(const at::Tensor& point) { return point.t().unsqueeze(2).unsqueeze(3); }

}  // namespace

bool CoversSeparable(const at::Tensor& x, const SeparableParams& params) {
  return Covers(x) && x.dim() == 4 &&
         (!params.filters.defined() || (params.filters.size(0) == x.size(1) &&
                                        params.filters.size(2) == params.filters.size(3) &&
                                        params.filters.size(2) <= SeparableShape::kMostKernel));
}

WithMoments Separable(const Weighted& x, const SeparableParams& params,
                      const SeparableOptions& options, bool moments) {
  const SeparableShape shape = ShapeOf(x.x, params, options);
  const int64_t batch = x.x.size(0);
  WithMoments made;
  made.y = EmptyImages({batch, shape.out_channels, shape.out_height, shape.out_width}, x.x);
  const at::Tensor sums = at::empty({moments ? batch : 0, 2, shape.out_channels}, at::kDouble);
  const at::Tensor taps = Taps(params, x.x);
  const at::Tensor point = InputsOutside(params.point);
  WithType(x.x, [&](auto zero) {
    using T = decltype(zero);
    const CoefficientRows<T> rows(x.coefficients, x.x);
    SeparableForward<T> tensors;
    tensors.x = x.x.data_ptr<T>();
    tensors.scale = rows.factor;
    tensors.shift = rows.addend;
    tensors.filter = taps.data_ptr<T>();
    tensors.point = point.data_ptr<T>();
    tensors.z = made.y.data_ptr<T>();
    tensors.sums = moments ? sums.data_ptr<double>() : nullptr;
    ForImages(batch, [&](int64_t begin, int64_t end) {
      const SeparableKernels<T> kernels = Kernels<T>();
      const at::Tensor scratch = at::empty({kernels.scratch(shape)}, x.x.options());
      kernels.forward(shape, tensors, scratch.data_ptr<T>(), begin, end);
    });
  });
  if (moments) made.moments = SumParts(sums);
  return made;
}

SeparableGradients GradientsOfSeparable(const Weighted& x, const SeparableParams& params,
                                        const LoadedGradient& gradient,
                                        const SeparableOptions& options,
                                        const SeparableWanted& wanted, const at::Tensor& into) {
  const SeparableShape shape = ShapeOf(x.x, params, options);
  const int64_t batch = x.x.size(0);
  const int64_t parts = PartsOf(batch);
  SeparableGradients made;
  if (wanted.x) made.x = into.defined() ? into : EmptyImages(x.x.sizes(), x.x);
  const at::Tensor sums = at::empty({wanted.sums ? batch : 0, 2, shape.in_channels}, at::kDouble);
  const at::Tensor taps = Taps(params, x.x);
  const at::Tensor point = InputsOutside(params.point);
  const at::Tensor by_taps = at::zeros(
      {wanted.filters ? parts : 0, shape.kernel, shape.kernel, shape.in_channels}, x.x.options());
  const at::Tensor by_point =
      at::zeros({wanted.point ? parts : 0, shape.in_channels, shape.out_channels}, x.x.options());
  WithType(x.x, [&](auto zero) {
    using T = decltype(zero);
    const CoefficientRows<T> of_x(x.coefficients, x.x);
    const CoefficientRows<T> of_dy(gradient.dy.coefficients, x.x);
    const CoefficientRows<T> of_z(gradient.y.coefficients, x.x);
    SeparableBackward<T> tensors;
    tensors.dy = gradient.dy.x.data_ptr<T>();
    tensors.dy_scale = of_dy.factor;
    tensors.dy_scale_step = of_dy.image_step;
    if (gradient.y.x.defined()) {
      tensors.z = gradient.y.x.data_ptr<T>();
      tensors.z_scale = of_z.factor;
      tensors.offset = of_z.addend;
    }
    tensors.x = x.x.data_ptr<T>();
    tensors.scale = of_x.factor;
    tensors.shift = of_x.addend;
    tensors.filter = taps.data_ptr<T>();
    tensors.point = point.data_ptr<T>();
    tensors.dx = wanted.x ? made.x.data_ptr<T>() : nullptr;
    tensors.accumulate = into.defined();
    tensors.dx_sums = wanted.sums ? sums.data_ptr<double>() : nullptr;
    ForParts(batch, parts, [&](int64_t part, int64_t begin, int64_t end) {
      const SeparableKernels<T> kernels = Kernels<T>();
      const at::Tensor scratch = at::empty({kernels.scratch(shape)}, x.x.options());
      SeparableBackward<T> mine = tensors;
      if (wanted.filters) mine.dfilter = by_taps[part].data_ptr<T>();
      if (wanted.point) mine.dpoint = by_point[part].data_ptr<T>();
      kernels.backward(shape, mine, scratch.data_ptr<T>(), begin, end);
    });
  });
  if (wanted.sums) made.sums = SumParts(sums);
  if (wanted.filters) made.filters = ChannelsOutside(by_taps.sum(0));
  if (wanted.point) made.point = OutputsOutside(by_point.sum(0));
  return made;
}

}  // namespace nasc::fused
