#include "runtime/steps/torch_images.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "runtime/steps/autograd_step.h"

namespace nasc::torch_images {
namespace {

// A row of coefficients [2, channels] or [batch, 2, channels], of the tensor's type and to be
// broadcast over it.
at::Tensor Row(const at::Tensor& coefficients, int64_t row, const at::Tensor& like) {
  std::vector<int64_t> shape(like.dim(), 1);
  shape[0] = coefficients.dim() == 3 ? coefficients.size(0) : 1;
  shape[1] = -1;
  return coefficients.select(-2, row).to(like.options()).view(shape);
}

at::Tensor Apply(const Weighted& term) {
  if (!term.coefficients.defined()) return term.x;
  return term.x.mul(Row(term.coefficients, 0, term.x)).add(Row(term.coefficients, 1, term.x));
}

at::Tensor Moments(const at::Tensor& x) { return ChannelSums(x, {x}, /*by_image=*/false); }

at::Tensor Whole(const LoadedGradient& gradient) {
  std::vector<Weighted> terms = {gradient.dy};
  if (gradient.y.x.defined()) terms.push_back(gradient.y);
  return torch_images::Combine(terms);
}

at::Tensor Pooled(const at::Tensor& x, const PoolOptions& o) {
  return o.greatest ? at::max_pool2d(x, o.kernel, o.stride, o.padding)
                    : at::avg_pool2d(x, o.kernel, o.stride, o.padding, /*ceil_mode=*/false,
                                     /*count_include_pad=*/false);
}

// Of x behind its coefficients.
at::Tensor Unit(const at::Tensor& u, const at::Tensor& filters, const at::Tensor& point,
                const SeparableOptions& o) {
  at::Tensor x = o.relu ? at::relu(u) : u;
  if (o.kernel > 0) {
    x = at::conv2d(x, filters, {}, o.stride, o.padding, o.dilation, /*groups=*/x.size(1));
  } else {
    if (o.offset > 0) x = at::constant_pad_nd(x, {-o.offset, o.offset, -o.offset, o.offset});
    x = x.slice(2, 0, x.size(2), o.stride)
            .slice(3, 0, x.size(3), o.stride)
            .contiguous(at::MemoryFormat::ChannelsLast);
  }
  return at::conv2d(x, point);
}

at::Tensor AddInto(const at::Tensor& into, const at::Tensor& gradient) {
  if (!into.defined()) return InStepOrder(gradient);
  at::Tensor sum = into;
  return sum.add_(gradient);
}

}  // namespace

at::Tensor Combine(const std::vector<Weighted>& terms) {
  at::Tensor sum = Apply(terms[0]);
  for (size_t i = 1; i < terms.size(); ++i) sum = sum.add(Apply(terms[i]));
  return sum;
}

at::Tensor ChannelSums(const at::Tensor& dy, const std::vector<at::Tensor>& x, bool by_image) {
  const std::vector<int64_t> added =
      by_image ? std::vector<int64_t>{2} : std::vector<int64_t>{0, 2};
  const auto sum = [&added](const at::Tensor& x) {
    return x.reshape({x.size(0), x.size(1), -1}).sum(added, /*keepdim=*/false, at::kDouble);
  };
  std::vector<at::Tensor> sums = {sum(dy)};
  for (const at::Tensor& tensor : x) sums.push_back(sum(dy.mul(tensor)));
  return at::stack(sums, -2).contiguous();
}

WithMoments Pool(const at::Tensor& x, const PoolOptions& options, bool moments) {
  WithMoments made;
  made.y = Pooled(x, options);
  if (moments) made.moments = Moments(made.y);
  return made;
}

at::Tensor GradientOfPool(const at::Tensor& x, c10::IntArrayRef sizes,
                          const LoadedGradient& gradient, const PoolOptions& options,
                          const at::Tensor& into) {
  // That of a mean does not depend on what it is of.
  const at::Tensor of =
      x.defined()
          ? x
          : at::zeros(sizes, gradient.dy.x.options()).contiguous(at::MemoryFormat::ChannelsLast);
  return AddInto(
      into, GradientsBy({of}, {true}, Whole(gradient), [&](const std::vector<at::Tensor>& given) {
        return Pooled(given[0], options);
      })[0]);
}

WithMoments Separable(const Weighted& x, const SeparableParams& params,
                      const SeparableOptions& options, bool moments) {
  WithMoments made;
  made.y = Unit(Apply(x), params.filters, params.point, options)
               .contiguous(at::MemoryFormat::ChannelsLast);
  if (moments) made.moments = Moments(made.y);
  return made;
}

SeparableGradients GradientsOfSeparable(const Weighted& x, const SeparableParams& params,
                                        const LoadedGradient& gradient,
                                        const SeparableOptions& options,
                                        const SeparableWanted& wanted, const at::Tensor& into) {
  const bool depthwise = params.filters.defined();
  std::vector<at::Tensor> variables = {Apply(x), params.point};
  std::vector<bool> by = {wanted.x, wanted.point};
  if (depthwise) {
    variables.push_back(params.filters);
    by.push_back(wanted.filters);
  }
  const std::vector<at::Tensor> made =
      GradientsBy(variables, by, Whole(gradient), [&](const std::vector<at::Tensor>& given) {
        return Unit(given[0], depthwise ? given[2] : at::Tensor(), given[1], options);
      });
  SeparableGradients gradients;
  if (wanted.x) gradients.x = AddInto(into, made[0]);
  if (wanted.sums) gradients.sums = ChannelSums(gradients.x, {x.x}, /*by_image=*/false);
  if (depthwise) gradients.filters = made[2];
  gradients.point = made[1];
  return gradients;
}

}  // namespace nasc::torch_images
