#include "runtime/fused/depthwise.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include "runtime/fused/depthwise_kernel.h"
#include "runtime/fused/isa.h"

namespace nasc::fused {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor Images(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

at::Tensor EmptyImages(c10::IntArrayRef sizes, const at::Tensor& like) {
  return at::empty(sizes, like.options().memory_format(at::MemoryFormat::ChannelsLast));
}

// [channels, 1, kernel, kernel] to [kernel, kernel, channels] and back.
at::Tensor ChannelsInside(const at::Tensor& filters) {
  return filters.squeeze(1).permute({1, 2, 0}).contiguous();
}
at::Tensor ChannelsOutside(const at::Tensor& filters) {
  return filters.permute({2, 0, 1}).unsqueeze(1);
}

template <typename T>
DepthwiseKernels<T> Kernels() {
  // Nothing of a set that the processor lacks may be called, not even this.
  return CurrentIsa() == Isa::kAvx512 ? avx512::Depthwise<T>() : avx2::Depthwise<T>();
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

class DepthwiseFunction : public torch::autograd::Function<DepthwiseFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& filters, int64_t stride, int64_t padding,
                            int64_t dilation) {
    const at::Tensor x = Images(input);
    context->save_for_backward({x, filters});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["dilation"] = dilation;
    const DepthwiseShape shape = ShapeOf(x, filters, {stride, padding, dilation});
    const at::Tensor taps = ChannelsInside(filters);
    at::Tensor y = EmptyImages({x.size(0), shape.channels, shape.out_height, shape.out_width}, x);
    WithType(x, [&](auto zero) {
      using T = decltype(zero);
      ForImages(x.size(0), [&](int64_t begin, int64_t end) {
        Kernels<T>().forward(shape, x.data_ptr<T>(), taps.data_ptr<T>(), y.data_ptr<T>(), begin,
                             end);
      });
    });
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& filters = saved[1];
    const DepthwiseShape shape =
        ShapeOf(x, filters,
                {context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt(),
                 context->saved_data["dilation"].toInt()});
    const at::Tensor dy = Images(gradients[0]);
    at::Tensor dx;
    at::Tensor dw;
    WithType(x, [&](auto zero) {
      using T = decltype(zero);
      if (context->needs_input_grad(0)) {
        const at::Tensor taps = ChannelsInside(filters);
        const at::Tensor turned = taps.flip({0, 1});
        dx = EmptyImages(x.sizes(), x);
        ForImages(x.size(0), [&](int64_t begin, int64_t end) {
          Kernels<T>().input_gradient(shape, dy.data_ptr<T>(), taps.data_ptr<T>(),
                                      turned.data_ptr<T>(), dx.data_ptr<T>(), begin, end);
        });
      }
      if (context->needs_input_grad(1)) {
        const at::Tensor each =
            at::empty({x.size(0), shape.kernel, shape.kernel, shape.channels}, x.options());
        ForImages(x.size(0), [&](int64_t begin, int64_t end) {
          Kernels<T>().filter_gradient(shape, x.data_ptr<T>(), dy.data_ptr<T>(), each.data_ptr<T>(),
                                       begin, end);
        });
        dw = ChannelsOutside(each.sum(0));
      }
    });
    return {dx, dw, {}, {}, {}};
  }
};

}  // namespace

bool CoversDepthwise(const at::Tensor& x, const at::Tensor& filters) {
  return CurrentIsa() != Isa::kNone && x.device().is_cpu() && x.dim() == 4 &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
         filters.size(0) == x.size(1) && filters.size(1) == 1 &&
         filters.size(2) == filters.size(3) && filters.size(2) <= kMostKernel;
}

at::Tensor Depthwise(const at::Tensor& x, const at::Tensor& filters,
                     const DepthwiseOptions& options) {
  return DepthwiseFunction::apply(x, filters, options.stride, options.padding, options.dilation);
}

}  // namespace nasc::fused
