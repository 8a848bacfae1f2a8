#include "runtime/kernels.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <map>

#include "compiler/program/steps.h"
#include "glog/logging.h"

namespace nasc {
namespace {

int64_t Whole(const KernelArgs& args, const char* name) { return nasc::Whole(args.step, name); }

double Real(const KernelArgs& args, const char* name) { return nasc::Real(args.step, name); }

at::Tensor Param(const KernelArgs& args, size_t i) {
  return i < args.params.size() ? args.params[i] : at::Tensor();
}

// A strided 1x1 window reads one pixel in stride^2: those are taken first. oneDNN writes past its
// buffers in the backward pass of such convolutions when they have few channels (its issue 6035).
at::Tensor Convolve(const KernelArgs& args, c10::IntArrayRef padding, int64_t groups) {
  at::Tensor x = args.inputs[0];
  const at::Tensor& weight = args.params[0];
  int64_t stride = Whole(args, "stride");
  const bool point = weight.size(2) == 1 && weight.size(3) == 1;
  if (stride > 1 && point && padding[0] == 0 && padding[1] == 0) {
    x = x.slice(2, 0, x.size(2), stride)
            .slice(3, 0, x.size(3), stride)
            .contiguous(args.inputs[0].suggest_memory_format());
    stride = 1;
  }
  return at::conv2d(x, weight, Param(args, 1), stride, padding, Whole(args, "dilation"), groups);
}

at::Tensor Conv(const KernelArgs& args) {
  return Convolve(args, {Whole(args, "padding"), Whole(args, "padding_width")}, /*groups=*/1);
}

at::Tensor Depthwise(const KernelArgs& args) {
  const int64_t padding = Whole(args, "padding");
  return Convolve(args, {padding, padding}, /*groups=*/args.inputs[0].size(1));
}

at::Tensor Linear(const KernelArgs& args) {
  return at::linear(args.inputs[0].flatten(1), args.params[0], Param(args, 1));
}

at::Tensor BatchNorm(const KernelArgs& args) {
  const bool affine = Whole(args, "affine") != 0;
  const size_t first_buffer = affine ? 2 : 0;
  return at::batch_norm(args.inputs[0], affine ? args.params[0] : at::Tensor(),
                        affine ? args.params[1] : at::Tensor(), args.params[first_buffer],
                        args.params[first_buffer + 1], args.mode.training, /*momentum=*/0.1,
                        /*eps=*/1e-5, /*cudnn_enabled=*/false);
}

at::Tensor LayerNorm(const KernelArgs& args) {
  const at::Tensor x = args.inputs[0].movedim(1, -1);
  return at::layer_norm(x, {x.size(-1)}, Param(args, 0), Param(args, 1), /*eps=*/1e-5)
      .movedim(-1, 1);
}

at::Tensor Relu(const KernelArgs& args) { return at::relu(args.inputs[0]); }
at::Tensor Relu6(const KernelArgs& args) { return args.inputs[0].clamp(0, 6); }
at::Tensor Sigmoid(const KernelArgs& args) { return at::sigmoid(args.inputs[0]); }
at::Tensor Tanh(const KernelArgs& args) { return at::tanh(args.inputs[0]); }

at::Tensor Power(const KernelArgs& args) {
  return at::pow(args.inputs[0], Whole(args, "exponent"));
}

at::Tensor MaxPool(const KernelArgs& args) {
  return at::max_pool2d(args.inputs[0], Whole(args, "kernel"), Whole(args, "stride"),
                        Whole(args, "padding"));
}

at::Tensor AvgPool(const KernelArgs& args) {
  return at::avg_pool2d(args.inputs[0], Whole(args, "kernel"), Whole(args, "stride"),
                        Whole(args, "padding"), /*ceil_mode=*/false, /*count_include_pad=*/false);
}

at::Tensor GlobalAvgPool(const KernelArgs& args) {
  return args.inputs[0].mean({2, 3}, /*keepdim=*/true);
}

at::Tensor AdaptiveAvgPool(const KernelArgs& args) {
  const int64_t size = Whole(args, "size");
  return at::adaptive_avg_pool2d(args.inputs[0], {size, size});
}

at::Tensor Shift(const KernelArgs& args) {
  const int64_t rows = Whole(args, "rows");
  const int64_t columns = Whole(args, "columns");
  return at::constant_pad_nd(args.inputs[0].slice(2, rows).slice(3, columns),
                             {0, columns, 0, rows});
}

at::Tensor Slice(const KernelArgs& args) {
  return args.inputs[0].narrow(1, Whole(args, "first"), Whole(args, "channels"));
}

at::Tensor ChannelShuffle(const KernelArgs& args) {
  const at::Tensor& x = args.inputs[0];
  const int64_t groups = Whole(args, "groups");
  return x.unflatten(1, {groups, x.size(1) / groups}).transpose(1, 2).flatten(1, 2);
}

at::Tensor Flatten(const KernelArgs& args) { return args.inputs[0].flatten(1); }
at::Tensor Identity(const KernelArgs& args) { return args.inputs[0]; }

at::Tensor Column(const KernelArgs& args) {
  return args.inputs[0].narrow(1, Whole(args, "index"), 1);
}

at::Tensor None(const KernelArgs& args) {
  const at::Tensor& x = args.inputs[0];
  std::vector<int64_t> shape = *args.shape;
  shape[0] = x.size(0);
  return at::zeros(shape, x.options().memory_format(x.suggest_memory_format()));
}

// The tensor times a mask of that shape.
at::Tensor Drop(const KernelArgs& args, const std::vector<int64_t>& shape, double rate) {
  const at::Tensor& x = args.inputs[0];
  if (!args.mode.training || rate <= 0) return x;
  return x.mul(KeepMask(shape, rate, args.mode).to(x.device(), x.scalar_type()));
}

at::Tensor Dropout(const KernelArgs& args) {
  return Drop(args, args.inputs[0].sizes().vec(), Real(args, "rate"));
}

// Larsson et al. 2017, as in the reference codes.
at::Tensor DropPath(const KernelArgs& args) {
  std::vector<int64_t> shape(args.inputs[0].dim(), 1);
  shape[0] = args.inputs[0].size(0);
  return Drop(args, shape, Real(args, "rate") * args.mode.drop_path_progress);
}

at::Tensor Sum(const KernelArgs& args) {
  at::Tensor sum = args.inputs[0];
  for (size_t i = 1; i < args.inputs.size(); ++i) sum = sum.add(args.inputs[i]);
  return sum;
}

at::Tensor Affine(const KernelArgs& args) {
  at::Tensor sum = args.params[1];
  for (size_t i = 0; i < args.inputs.size(); ++i) {
    sum = args.inputs[i].mul(args.params[0].select(0, static_cast<int64_t>(i))).add(sum);
  }
  return sum;
}

at::Tensor Multiply(const KernelArgs& args) {
  at::Tensor product = args.inputs[0];
  for (size_t i = 1; i < args.inputs.size(); ++i) product = product.mul(args.inputs[i]);
  return product;
}

at::Tensor Concat(const KernelArgs& args) { return at::cat(args.inputs, 1); }
at::Tensor Softmax(const KernelArgs& args) { return at::softmax(args.inputs[0], 0); }

at::Tensor Mix(const KernelArgs& args) {
  const at::Tensor& weights = args.inputs[0];
  at::Tensor sum = args.inputs[1].mul(weights.select(0, 0));
  for (size_t i = 2; i < args.inputs.size(); ++i) {
    sum = sum.add(args.inputs[i].mul(weights.select(0, static_cast<int64_t>(i) - 1)));
  }
  return sum;
}

// As GDAS's code has it: times a weight that is one and has the gradient of its softmax.
at::Tensor Pick(const KernelArgs& args) {
  const at::Tensor weight = args.inputs[0].select(0, Whole(args, "index"));
  return args.inputs[1].mul(weight.sub(weight.detach()).add(1));
}

std::map<std::string, Kernel>& Kernels() {
  static auto* const kernels = new std::map<std::string, Kernel>{
      {"conv", Conv},
      {"depthwise", Depthwise},
      {"linear", Linear},
      {"bn", BatchNorm},
      {"layer_norm", LayerNorm},
      {"relu", Relu},
      {"relu6", Relu6},
      {"sigmoid", Sigmoid},
      {"tanh", Tanh},
      {"power", Power},
      {"max_pool", MaxPool},
      {"avg_pool", AvgPool},
      {"global_avg_pool", GlobalAvgPool},
      {"adaptive_avg_pool", AdaptiveAvgPool},
      {"shift", Shift},
      {"slice", Slice},
      {"channel_shuffle", ChannelShuffle},
      {"flatten", Flatten},
      {"column", Column},
      {"identity", Identity},
      {"none", None},
      {"dropout", Dropout},
      {"drop_path", DropPath},
      {"sum", Sum},
      {"affine", Affine},
      {"multiply", Multiply},
      {"concat", Concat},
      {"softmax", Softmax},
      {"mix", Mix},
      {"pick", Pick},
  };
  return *kernels;
}

std::map<std::string, GradientKernel>& GradientKernels() {
  static auto* const kernels = new std::map<std::string, GradientKernel>;
  return *kernels;
}

}  // namespace

at::Tensor KeepMask(const std::vector<int64_t>& shape, double rate, const ForwardMode& mode) {
  at::Tensor mask = at::empty(shape, at::kDouble);
  if (rate <= 0) return mask.fill_(1);
  CHECK(mode.rng != nullptr);
  for (int64_t i = 0; i < mask.numel(); ++i) {
    mask.data_ptr<double>()[i] = mode.rng->Uniform() < rate ? 0 : 1 / (1 - rate);
  }
  return mask;
}

KernelRegistration::KernelRegistration(const std::string& op, Kernel kernel,
                                       GradientKernel gradient) {
  CHECK(FindStepOp(op) == nullptr) << "steps of programs have the name of the kernel " << op;
  CHECK(Kernels().emplace(op, kernel).second) << "two kernels are named " << op;
  if (gradient != nullptr) GradientKernels().emplace(op, gradient);
}

Kernel FindKernel(const std::string& op) {
  const auto it = Kernels().find(op);
  return it == Kernels().end() ? nullptr : it->second;
}

GradientKernel FindGradientKernel(const std::string& op) {
  const auto it = GradientKernels().find(op);
  return it == GradientKernels().end() ? nullptr : it->second;
}

}  // namespace nasc
