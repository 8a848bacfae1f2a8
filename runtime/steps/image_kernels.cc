// Steps over images: by kernels of our own where they cover the tensor, else by LibTorch's
// operators.
#include <ATen/ops/cat.h>
#include <ATen/ops/split_with_sizes.h>
#include <ATen/ops/threshold_backward.h>

#include "absl/strings/str_cat.h"
#include "runtime/fused/combine.h"
#include "runtime/fused/concat.h"
#include "runtime/fused/depthwise.h"
#include "runtime/fused/pool.h"
#include "runtime/fused/separable.h"
#include "runtime/steps/autograd_step.h"
#include "runtime/steps/step_kernel.h"
#include "runtime/steps/torch_images.h"

namespace nasc {
namespace {

using Tensors = std::vector<at::Tensor>;
using fused::Weighted;

// Whether our own kernels compute this step; where not, it is counted.
bool Own(const StepArgs& args, bool covered) {
  if (!covered && args.mode.fallbacks != nullptr) ++*args.mode.fallbacks;
  return covered;
}

Tensors Concat(const StepArgs& args) {
  return {Own(args, fused::Covers(args.in(0))) ? fused::Concat(args.inputs)
                                               : InStepOrder(at::cat(args.inputs, 1))};
}

Tensors ConcatGradient(const StepArgs& args) {
  const at::Tensor& dy = args.in(0);
  std::vector<int64_t> sizes;
  std::vector<bool> wanted;
  for (size_t i = 0; i < args.step.outputs.size(); ++i) {
    sizes.push_back(Whole(args.step, absl::StrCat("size", i)));
    wanted.push_back(args.Wants(i));
  }
  if (Own(args, fused::Covers(dy))) return fused::Split(dy, sizes, wanted);
  Tensors made = at::split_with_sizes(dy, sizes, 1);
  for (at::Tensor& part : made) part = InStepOrder(part);
  return made;
}

Tensors Slice(const StepArgs& args) {
  const at::Tensor& x = args.in(0);
  const int64_t first = Whole(args.step, "first");
  const int64_t channels = Whole(args.step, "channels");
  if (!Own(args, fused::Covers(x))) return {InStepOrder(x.narrow(1, first, channels))};
  return {
      fused::Split(x, {first, channels, x.size(1) - first - channels}, {false, true, false})[1]};
}

Tensors SliceGradient(const StepArgs& args) {
  const at::Tensor& dy = args.in(0);
  const at::Tensor dx = args.in(1).defined() ? args.in(1) : args.Empty(0).zero_();
  const int64_t first = Whole(args.step, "first");
  if (Own(args, fused::Covers(dy))) {
    fused::AddToChannels(dx, dy, first);
  } else {
    dx.narrow(1, first, dy.size(1)).add_(dy);
  }
  return {dx};
}

Tensors ChannelShuffle(const StepArgs& args) {
  const at::Tensor& x = args.in(0);
  if (Own(args, fused::Covers(x))) return {fused::Shuffle(x, Whole(args.step, "groups"))};
  return {
      InStepOrder(FindKernel("channel_shuffle")({args.step, args.inputs, args.params, args.mode}))};
}

std::vector<Weighted> Terms(const StepArgs& args) {
  std::vector<Weighted> terms;
  for (size_t i = 0; i < args.inputs.size(); i += 2) terms.push_back({args.in(i), args.in(i + 1)});
  return terms;
}

// dy, its coefficients, y, its coefficients.
fused::LoadedGradient Loaded(const StepArgs& args, size_t first) {
  return {{args.in(first), args.in(first + 1)}, {args.in(first + 2), args.in(first + 3)}};
}

Tensors Combine(const StepArgs& args) {
  const std::vector<Weighted> terms = Terms(args);
  return {Own(args, fused::Covers(terms[0].x)) ? fused::Combine(terms)
                                               : torch_images::Combine(terms)};
}

at::Tensor Sums(const StepArgs& args, const at::Tensor& dy, const Tensors& x) {
  const auto compute =
      Own(args, fused::Covers(dy)) ? fused::ChannelSums : torch_images::ChannelSums;
  return compute(dy, x, /*by_image=*/args.Shape(0).size() == 3);
}

Tensors ChannelSums(const StepArgs& args) {
  return {Sums(args, args.in(0), {args.inputs.begin() + 1, args.inputs.end()})};
}

Tensors Moments(const StepArgs& args) { return {Sums(args, args.in(0), {args.in(0)})}; }

Tensors ReluGradient(const StepArgs& args) {
  const at::Tensor& y = args.in(0);
  return {Own(args, fused::Covers(y)) ? fused::ReluGradient(y, args.in(1))
                                      : at::threshold_backward(args.in(1), y, 0)};
}

fused::PoolOptions PoolOptionsOf(const StepArgs& args, bool greatest) {
  return {greatest, Whole(args.step, "kernel"), Whole(args.step, "stride"),
          Whole(args.step, "padding")};
}

template <bool kGreatest>
Tensors Pool(const StepArgs& args) {
  const at::Tensor& x = args.in(0);
  const fused::PoolOptions options = PoolOptionsOf(args, kGreatest);
  const fused::WithMoments made = Own(args, fused::Covers(x))
                                      ? fused::Pool(x, options, args.Wants(1))
                                      : torch_images::Pool(x, options, args.Wants(1));
  return {made.y, made.moments};
}

template <bool kGreatest>
Tensors PoolGradient(const StepArgs& args) {
  const size_t first = kGreatest ? 1 : 0;
  const fused::LoadedGradient gradient = Loaded(args, first);
  const at::Tensor x = kGreatest ? args.in(0) : at::Tensor();
  const auto compute = Own(args, fused::Covers(gradient.dy.x)) ? fused::GradientOfPool
                                                               : torch_images::GradientOfPool;
  return {compute(x, args.Shape(0), gradient, PoolOptionsOf(args, kGreatest), args.in(first + 4))};
}

fused::SeparableOptions SeparableOptionsOf(const StepArgs& args) {
  return {Whole(args.step, "kernel"),   Whole(args.step, "stride"),    Whole(args.step, "padding"),
          Whole(args.step, "dilation"), Whole(args.step, "relu") != 0, Whole(args.step, "offset")};
}

fused::SeparableParams SeparableParamsOf(const StepArgs& args) {
  if (args.params.size() == 1) return {{}, args.params[0]};
  return {args.params[0], args.params[1]};
}

Tensors Separable(const StepArgs& args) {
  const Weighted x = {args.in(0), args.in(1)};
  const fused::SeparableParams params = SeparableParamsOf(args);
  const auto compute =
      Own(args, fused::CoversSeparable(x.x, params)) ? fused::Separable : torch_images::Separable;
  const fused::WithMoments made = compute(x, params, SeparableOptionsOf(args), args.Wants(1));
  return {made.y, made.moments};
}

Tensors SeparableGradient(const StepArgs& args) {
  const Weighted x = {args.in(0), args.in(1)};
  const fused::SeparableParams params = SeparableParamsOf(args);
  const bool depthwise = params.filters.defined();
  const fused::SeparableWanted wanted = {args.Wants(0), args.Wants(1), depthwise && args.Wants(2),
                                         args.Wants(depthwise ? 3 : 2)};
  const auto compute = Own(args, fused::CoversSeparable(x.x, params))
                           ? fused::GradientsOfSeparable
                           : torch_images::GradientsOfSeparable;
  const fused::SeparableGradients made =
      compute(x, params, Loaded(args, 2), SeparableOptionsOf(args), wanted, args.in(6));
  if (!depthwise) return {made.x, made.sums, made.point};
  return {made.x, made.sums, made.filters, made.point};
}

fused::DepthwiseOptions DepthwiseOptionsOf(const StepArgs& args) {
  return {Whole(args.step, "stride"), Whole(args.step, "padding"), Whole(args.step, "dilation")};
}

Tensors Depthwise(const StepArgs& args) {
  const at::Tensor& x = args.in(0);
  if (!Own(args, fused::CoversDepthwise(x, args.params[0]))) {
    return {FindKernel("depthwise")({args.step, args.inputs, args.params, args.mode})};
  }
  const at::Tensor y = fused::Depthwise(x, args.params[0], DepthwiseOptionsOf(args));
  return {args.params.size() > 1 ? y.add(args.params[1].view({1, -1, 1, 1})) : y};
}

Tensors DepthwiseGradient(const StepArgs& args) {
  const at::Tensor& x = args.in(0);
  if (!Own(args, fused::CoversDepthwise(x, args.params[0]))) {
    Tensors variables = {x};
    variables.insert(variables.end(), args.params.begin(), args.params.end());
    std::vector<bool> wanted;
    for (size_t i = 0; i < variables.size(); ++i) wanted.push_back(args.Wants(i));
    return GradientsBy(variables, wanted, args.in(1), [&](const Tensors& given) {
      return FindKernel("depthwise")(
          {args.step, {given[0]}, {given.begin() + 1, given.end()}, args.mode});
    });
  }
  const fused::DepthwiseGradients made = fused::GradientsOfDepthwise(
      x, args.params[0], args.in(1), DepthwiseOptionsOf(args), args.Wants(0), args.Wants(1));
  return {made.x, made.filters, args.Wants(2) ? args.in(1).sum({0, 2, 3}) : at::Tensor()};
}

}  // namespace

const std::vector<NamedStepKernel>& ImageKernels() {
  static const auto* const kernels = new std::vector<NamedStepKernel>{
      {"concat", Concat},
      {"concat_gradient", ConcatGradient},
      {"slice", Slice},
      {"slice_gradient", SliceGradient},
      {"channel_shuffle", ChannelShuffle},
      {"combine", Combine},
      {"channel_sums", ChannelSums},
      {"moments", Moments},
      {"relu_gradient", ReluGradient},
      {"max_pool", Pool<true>},
      {"avg_pool", Pool<false>},
      {"max_pool_gradient", PoolGradient<true>},
      {"avg_pool_gradient", PoolGradient<false>},
      {"separable", Separable},
      {"separable_gradient", SeparableGradient},
      {"depthwise", Depthwise},
      {"depthwise_gradient", DepthwiseGradient},
  };
  return *kernels;
}

}  // namespace nasc
