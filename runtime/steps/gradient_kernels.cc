// Backward parts of primitives by LibTorch's operators, and the loss.
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros.h>

#include "absl/strings/str_cat.h"
#include "runtime/steps/step_kernel.h"

namespace nasc {
namespace {

using Tensors = std::vector<at::Tensor>;

Tensors ConvolutionGradient(const StepArgs& args, c10::IntArrayRef padding, int64_t groups) {
  at::Tensor x = args.in(0);
  const at::Tensor& filters = args.params[0];
  int64_t stride = Whole(args.step, "stride");
  const bool picks = stride > 1 && filters.size(2) == 1 && filters.size(3) == 1 &&
                     padding[0] == 0 && padding[1] == 0;
  // See Convolve in runtime/kernels.cc.
  if (picks) {
    x = InStepOrder(x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride));
    stride = 1;
  }
  const bool bias = args.params.size() > 1;
  const int64_t bias_size[] = {filters.size(0)};
  auto [dx, dw, db] = at::convolution_backward(
      args.in(1), x, filters, c10::IntArrayRef(bias_size, bias ? 1 : 0), stride, padding,
      Whole(args.step, "dilation"), /*transposed=*/false, /*output_padding=*/0, groups,
      {args.Wants(0), args.Wants(1), args.Wants(2)});
  if (picks && args.Wants(0)) {
    at::Tensor whole = args.Empty(0).zero_();
    const int64_t step = Whole(args.step, "stride");
    whole.slice(2, 0, whole.size(2), step).slice(3, 0, whole.size(3), step).copy_(dx);
    dx = whole;
  }
  return {args.Wants(0) ? InStepOrder(dx) : dx, dw, db};
}

Tensors ConvGradient(const StepArgs& args) {
  return ConvolutionGradient(args, {Whole(args.step, "padding"), Whole(args.step, "padding_width")},
                             /*groups=*/1);
}

Tensors LinearGradient(const StepArgs& args) {
  const at::Tensor x = args.in(0).flatten(1);
  const at::Tensor& dy = args.in(1);
  Tensors made(3);
  if (args.Wants(0)) {
    made[0] = args.Empty(0);
    made[0].copy_(dy.mm(args.params[0]).view(args.Shape(0)));
  }
  if (args.Wants(1)) made[1] = dy.t().mm(x);
  if (args.Wants(2)) made[2] = dy.sum(0);
  return made;
}

Tensors GlobalAvgPoolGradient(const StepArgs& args) {
  at::Tensor dx = args.Empty(0);
  dx.copy_(args.in(0).div(dx.size(2) * dx.size(3)).expand(dx.sizes()));
  return {dx};
}

Tensors Unflatten(const StepArgs& args) {
  at::Tensor dx = args.Empty(0);
  dx.copy_(args.in(0).view(args.Shape(0)));
  return {dx};
}

Tensors KeepMaskOf(const StepArgs& args) {
  double rate = Real(args.step, "rate");
  if (Whole(args.step, "path") != 0) rate *= args.mode.drop_path_progress;
  return {KeepMask(args.Shape(0), rate, args.mode).to(args.dtype)};
}

Tensors ApplyMask(const StepArgs& args) { return {InStepOrder(args.in(0).mul(args.in(1)))}; }

// The gradient by the logits of the sum of the cross entropies of labels, or of probabilities.
at::Tensor CrossEntropyGradient(const at::Tensor& logits, const at::Tensor& targets) {
  at::Tensor gradient = at::softmax(logits, 1);
  if (targets.is_floating_point()) return gradient.sub_(targets);
  const at::Tensor labels = targets.unsqueeze(1);
  return gradient.scatter_add_(1, labels, at::zeros(labels.sizes(), logits.options()).sub(1));
}

// See Network::Loss; and its gradient.
Tensors Loss(const StepArgs& args) {
  Tensors made(args.step.outputs.size());
  double total = 0;
  for (size_t i = 0; i < args.inputs.size(); ++i) {
    const at::Tensor& y = args.in(i);
    const double weight = Real(args.step, absl::StrCat("weight", i));
    const bool regression = args.targets.is_floating_point() && !args.mode.soft_targets;
    total += weight *
             (regression ? at::mse_loss(y, args.targets) : at::cross_entropy_loss(y, args.targets))
                 .item<double>();
    if (!args.Wants(i + 1)) continue;
    made[i + 1] =
        regression
            ? y.sub(args.targets).mul(2 * weight / static_cast<double>(y.numel()))
            : CrossEntropyGradient(y, args.targets).mul_(weight / static_cast<double>(args.batch));
  }
  made[0] = at::empty({}, at::kDouble).fill_(total);
  return made;
}

}  // namespace

const std::vector<NamedStepKernel>& GradientKernels() {
  static const auto* const kernels = new std::vector<NamedStepKernel>{
      {"conv_gradient", ConvGradient},
      {"linear_gradient", LinearGradient},
      {"global_avg_pool_gradient", GlobalAvgPoolGradient},
      {"unflatten", Unflatten},
      {"keep_mask", KeepMaskOf},
      {"apply_mask", ApplyMask},
      {"loss", Loss},
  };
  return *kernels;
}

}  // namespace nasc
