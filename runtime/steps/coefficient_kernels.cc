// Steps that compute with a few numbers a channel, in float64.
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "runtime/steps/step_kernel.h"

namespace nasc {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

using Tensors = std::vector<at::Tensor>;

at::Tensor EmptyDoubles(const std::vector<int64_t>& shape) { return at::empty(shape, at::kDouble); }

// The numbers of a weight or a statistic of a layer, in the type that they have.
class Numbers {
 public:
  explicit Numbers(const at::Tensor& tensor)
      : floats_(tensor.scalar_type() == at::kFloat ? tensor.data_ptr<float>() : nullptr),
        doubles_(floats_ == nullptr ? tensor.data_ptr<double>() : nullptr) {}

  double operator[](int64_t i) const {
    return floats_ != nullptr ? static_cast<double>(floats_[i]) : doubles_[i];
  }
  void Set(int64_t i, double value) const {
    if (floats_ != nullptr) {
      floats_[i] = static_cast<float>(value);
    } else {
      doubles_[i] = value;
    }
  }

 private:
  float* floats_;
  double* doubles_;
};

std::vector<double> Doubles(const at::Tensor& tensor) {
  const at::Tensor doubles = tensor.detach().to(at::kDouble).contiguous();
  return {doubles.data_ptr<double>(), doubles.data_ptr<double>() + doubles.numel()};
}

at::Tensor ToType(std::vector<double> values, at::ScalarType dtype) {
  return at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kDouble)
      .to(dtype, /*non_blocking=*/false, /*copy=*/true);
}

// A row of factors and one of addends: those of an image, where each has its own.
struct Rows {
  explicit Rows(const at::Tensor& tensor, int64_t image = 0)
      : channels(tensor.size(-1)),
        factor(tensor.data_ptr<double>() + (tensor.dim() == 3 ? image * 2 * channels : 0)),
        addend(factor + channels) {}
  int64_t channels;
  double* factor;
  double* addend;
};

// How many images have rows of their own.
int64_t Images(const at::Tensor& coefficients) {
  return coefficients.dim() == 3 ? coefficients.size(0) : 1;
}

// Mean and variance by sums over `count` values a channel.
struct Norm {
  double mean;
  double variance;
  double by_deviation;
};
Norm NormOf(const Rows& moments, int64_t channel, double count) {
  Norm norm;
  norm.mean = moments.factor[channel] / count;
  norm.variance = std::max(moments.addend[channel] / count - norm.mean * norm.mean, 0.0);
  norm.by_deviation = 1 / std::sqrt(norm.variance + kEpsilon);
  return norm;
}

double Count(const StepArgs& args) {
  return static_cast<double>(args.batch * Whole(args.step, "pixels"));
}

bool IsAffine(const StepArgs& args) { return Whole(args.step, "affine") != 0; }

// Ioffe and Szegedy 2015, algorithm 1.
Tensors Normalize(const StepArgs& args) {
  const Rows moments(args.in(0));
  const double count = Count(args);
  const bool affine = IsAffine(args);
  const Numbers mean(args.params[affine ? 2 : 0]);
  const Numbers variance(args.params[affine ? 3 : 1]);
  const at::Tensor coefficients = EmptyDoubles({2, moments.channels});
  const Rows out(coefficients);
  for (int64_t c = 0; c < moments.channels; ++c) {
    const Norm norm = NormOf(moments, c, count);
    out.factor[c] = norm.by_deviation;
    out.addend[c] = 0;
    mean.Set(c, (1 - kMomentum) * mean[c] + kMomentum * norm.mean);
    variance.Set(c,
                 (1 - kMomentum) * variance[c] + kMomentum * norm.variance * (count / (count - 1)));
  }
  if (affine) {
    const Numbers weight(args.params[0]);
    const Numbers bias(args.params[1]);
    for (int64_t c = 0; c < moments.channels; ++c) {
      out.factor[c] *= weight[c];
      out.addend[c] = bias[c];
    }
  }
  for (int64_t c = 0; c < moments.channels; ++c) {
    out.addend[c] -= NormOf(moments, c, count).mean * out.factor[c];
  }
  return {coefficients};
}

Tensors RunningCoefficients(const StepArgs& args) {
  const size_t first = IsAffine(args) ? 2 : 0;
  const std::vector<double> mean = Doubles(args.params[first]);
  const std::vector<double> variance = Doubles(args.params[first + 1]);
  const auto channels = static_cast<int64_t>(mean.size());
  const at::Tensor coefficients = EmptyDoubles({2, channels});
  const Rows out(coefficients);
  std::vector<double> weight(channels, 1);
  std::vector<double> bias(channels, 0);
  if (first > 0) {
    weight = Doubles(args.params[0]);
    bias = Doubles(args.params[1]);
  }
  for (int64_t c = 0; c < channels; ++c) {
    out.factor[c] = weight[c] / std::sqrt(variance[c] + kEpsilon);
    out.addend[c] = bias[c] - mean[c] * out.factor[c];
  }
  return {coefficients};
}

// By the moments as the coefficients of x: that a sum of squares changes by is 2 x.
Tensors NormalizeGradient(const StepArgs& args) {
  const Rows moments(args.in(0));
  const Rows gradient(args.in(1));
  const double count = Count(args);
  const bool affine = IsAffine(args);
  Tensors made = {EmptyDoubles({2, moments.channels})};
  const Rows out(made[0]);
  for (int64_t c = 0; c < moments.channels; ++c) {
    const Norm norm = NormOf(moments, c, count);
    const double scale = affine ? Numbers(args.params[0])[c] : 1;
    const double by_factor = gradient.factor[c] - norm.mean * gradient.addend[c];
    const double r = norm.by_deviation;
    const double by_variance = -0.5 * r * r * r * scale * by_factor;
    const double by_mean = -scale * r * gradient.addend[c] - 2 * norm.mean * by_variance;
    out.factor[c] = 2 * by_variance / count;
    out.addend[c] = by_mean / count;
  }
  if (!affine) return made;
  made.push_back(at::empty({moments.channels}, args.dtype));
  made.push_back(at::empty({moments.channels}, args.dtype));
  const Numbers by_weight(made[1]);
  const Numbers by_bias(made[2]);
  for (int64_t c = 0; c < moments.channels; ++c) {
    const Norm norm = NormOf(moments, c, count);
    by_weight.Set(c, norm.by_deviation * (gradient.factor[c] - norm.mean * gradient.addend[c]));
    by_bias.Set(c, gradient.addend[c]);
  }
  return made;
}

Tensors Compose(const StepArgs& args) {
  const at::Tensor composed = EmptyDoubles(args.Shape(0));
  for (int64_t image = 0; image < Images(composed); ++image) {
    const Rows inner(args.in(0), image);
    const Rows outer(args.in(1), image);
    const Rows out(composed, image);
    for (int64_t c = 0; c < inner.channels; ++c) {
      out.factor[c] = outer.factor[c] * inner.factor[c];
      out.addend[c] = outer.factor[c] * inner.addend[c] + outer.addend[c];
    }
  }
  return {composed};
}

Tensors ComposeGradient(const StepArgs& args) {
  Tensors made(2);
  for (size_t k = 0; k < made.size(); ++k) {
    if (args.Wants(k)) made[k] = at::zeros(args.Shape(k), at::kDouble);
  }
  // What all images share has the sum of their gradients.
  for (int64_t image = 0; image < Images(args.in(2)); ++image) {
    const Rows inner(args.in(0), image);
    const Rows outer(args.in(1), image);
    const Rows gradient(args.in(2), image);
    if (args.Wants(0)) {
      const Rows out(made[0], image);
      for (int64_t c = 0; c < inner.channels; ++c) {
        out.factor[c] += outer.factor[c] * gradient.factor[c];
        out.addend[c] += outer.factor[c] * gradient.addend[c];
      }
    }
    if (args.Wants(1)) {
      const Rows out(made[1], image);
      for (int64_t c = 0; c < inner.channels; ++c) {
        out.factor[c] +=
            inner.factor[c] * gradient.factor[c] + inner.addend[c] * gradient.addend[c];
        out.addend[c] += gradient.addend[c];
      }
    }
  }
  return made;
}

Tensors Factors(const StepArgs& args) {
  const at::Tensor factors = at::zeros(args.Shape(0), at::kDouble);
  for (int64_t image = 0; image < Images(factors); ++image) {
    const Rows in(args.in(0), image);
    std::copy(in.factor, in.factor + in.channels, Rows(factors, image).factor);
  }
  return {factors};
}

Tensors ImageCoefficients(const StepArgs& args) {
  const std::vector<double> mask = Doubles(args.in(0));
  const at::Tensor coefficients = at::zeros(args.Shape(0), at::kDouble);
  for (int64_t image = 0; image < Images(coefficients); ++image) {
    const Rows out(coefficients, image);
    std::fill(out.factor, out.factor + out.channels, mask[image]);
  }
  return {coefficients};
}

Tensors Spread(const StepArgs& args) {
  std::vector<double> weights = Doubles(args.in(0));
  if (Whole(args.step, "hard") != 0) std::fill(weights.begin(), weights.end(), 1.0);
  Tensors made(args.step.outputs.size());
  for (size_t k = 0; k < made.size(); ++k) {
    if (!args.Wants(k)) continue;
    made[k] = EmptyDoubles(args.Shape(k));
    const Rows out(made[k]);
    std::fill(out.factor, out.factor + out.channels, weights[k]);
    std::fill(out.addend, out.addend + out.channels, 0.0);
  }
  return made;
}

Tensors SpreadGradient(const StepArgs& args) {
  std::vector<double> by_weights(args.inputs.size());
  for (size_t k = 0; k < by_weights.size(); ++k) {
    if (!args.in(k).defined()) continue;
    const Rows gradient(args.in(k));
    for (int64_t c = 0; c < gradient.channels; ++c) by_weights[k] += gradient.factor[c];
  }
  return {ToType(std::move(by_weights), args.dtype)};
}

Tensors SoftmaxGradient(const StepArgs& args) {
  const std::vector<double> y = Doubles(args.in(0));
  std::vector<double> gradient = Doubles(args.in(1));
  double mean = 0;
  for (size_t k = 0; k < y.size(); ++k) mean += y[k] * gradient[k];
  for (size_t k = 0; k < y.size(); ++k) gradient[k] = y[k] * (gradient[k] - mean);
  return {ToType(std::move(gradient), args.dtype)};
}

Tensors PickSums(const StepArgs& args) {
  const at::Tensor& sums = args.in(0);
  const int64_t channels = sums.size(-1);
  const double* from = sums.data_ptr<double>();
  const at::Tensor picked = at::zeros(args.Shape(0), at::kDouble);
  for (int64_t image = 0; image < Images(sums); ++image, from += sums.size(-2) * channels) {
    const double* products = from + (1 + Whole(args.step, "index")) * channels;
    const Rows out(picked, image);
    for (int64_t c = 0; c < channels; ++c) {
      out.factor[c] += products[c];
      out.addend[c] += from[c];
    }
  }
  return {picked};
}

Tensors Add(const StepArgs& args) {
  at::Tensor sum = args.in(0);
  for (size_t i = 1; i < args.inputs.size(); ++i) sum = sum.add(args.in(i));
  return {sum};
}

}  // namespace

const std::vector<NamedStepKernel>& CoefficientKernels() {
  static const auto* const kernels = new std::vector<NamedStepKernel>{
      {"normalize", Normalize},
      {"running_coefficients", RunningCoefficients},
      {"normalize_gradient", NormalizeGradient},
      {"compose", Compose},
      {"compose_gradient", ComposeGradient},
      {"factors", Factors},
      {"image_coefficients", ImageCoefficients},
      {"spread", Spread},
      {"spread_gradient", SpreadGradient},
      {"softmax_gradient", SoftmaxGradient},
      {"pick_sums", PickSums},
      {"add", Add},
  };
  return *kernels;
}

}  // namespace nasc
