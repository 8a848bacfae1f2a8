#include "runtime/kernels.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/primitives.h"
#include "gtest/gtest.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

using Tensors = std::vector<at::Tensor>;
using Attributes = std::vector<std::pair<std::string, std::variant<int64_t, double>>>;

constexpr double kTolerance = 1e-12;

at::Tensor Random(const std::vector<int64_t>& shape, uint64_t seed) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  Rng rng(seed);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<double>()[i] = rng.Gaussian();
  return tensor;
}

at::Tensor Values(const std::vector<double>& values) {
  const at::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
  return tensor;
}

// Two images of odd sizes, in the order that kernels are given.
at::Tensor Images(int64_t channels = 3, uint64_t seed = 1) {
  return Random({2, channels, 7, 5}, seed).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Compute(const std::string& op, const Tensors& inputs, const Attributes& attributes = {},
                   const Tensors& params = {}, const ForwardMode& mode = {}) {
  ProgramStep step;
  step.op = op;
  step.attributes = attributes;
  return FindKernel(op)({step, inputs, params, mode});
}

ForwardMode Training() {
  ForwardMode mode;
  mode.training = true;
  return mode;
}

void ExpectNear(const at::Tensor& actual, const at::Tensor& expected) {
  ASSERT_EQ(actual.sizes(), expected.sizes());
  EXPECT_LE(actual.sub(expected).abs().max().item<double>(), kTolerance);
}

// --- naive loops ---

struct Window {
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;

  int64_t Size(int64_t size) const {
    const int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
  Attributes ToAttributes(bool dilated) const {
    Attributes attributes = {{"kernel", kernel}, {"stride", stride}, {"padding", padding}};
    if (dilated) attributes.emplace_back("dilation", dilation);
    return attributes;
  }
};

// Calls f(row of the window, column of the window, value) for each value of a window, outside which
// there is nothing.
void ForWindow(const at::Tensor& x, int64_t image, int64_t channel, int64_t row, int64_t column,
               const Window& window, const std::function<void(int64_t, int64_t, double)>& f) {
  const auto values = x.accessor<double, 4>();
  for (int64_t i = 0; i < window.kernel; ++i) {
    for (int64_t j = 0; j < window.kernel; ++j) {
      const int64_t y = row * window.stride - window.padding + i * window.dilation;
      const int64_t z = column * window.stride - window.padding + j * window.dilation;
      if (y < 0 || y >= x.size(2) || z < 0 || z >= x.size(3)) continue;
      f(i, j, values[image][channel][y][z]);
    }
  }
}

// The tensor of f(image, channel, row, column).
at::Tensor Make(const std::vector<int64_t>& shape,
                const std::function<double(int64_t, int64_t, int64_t, int64_t)>& f) {
  const at::Tensor tensor = at::empty(shape, at::kDouble);
  auto values = tensor.accessor<double, 4>();
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int64_t c = 0; c < shape[1]; ++c) {
      for (int64_t y = 0; y < shape[2]; ++y) {
        for (int64_t x = 0; x < shape[3]; ++x) values[n][c][y][x] = f(n, c, y, x);
      }
    }
  }
  return tensor;
}

// A filter sees `weights.size(1)` channels: all of them, or its own.
at::Tensor NaiveConv(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias,
                     const Window& window) {
  const auto w = weights.accessor<double, 4>();
  const bool depthwise = weights.size(1) == 1;
  const std::vector<int64_t> shape = {x.size(0), weights.size(0), window.Size(x.size(2)),
                                      window.Size(x.size(3))};
  return Make(shape, [&](int64_t n, int64_t filter, int64_t row, int64_t column) {
    double sum = bias.defined() ? bias[filter].item<double>() : 0;
    for (int64_t c = 0; c < weights.size(1); ++c) {
      ForWindow(x, n, depthwise ? filter : c, row, column, window,
                [&](int64_t i, int64_t j, double value) { sum += value * w[filter][c][i][j]; });
    }
    return sum;
  });
}

std::vector<Window> Windows(bool dilated) {
  std::vector<Window> windows;
  for (const int64_t kernel : {1, 2, 3, 5}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t padding : {0, 1, 2}) {
        for (const int64_t dilation : {1, 2}) {
          const Window window{kernel, stride, padding, dilation};
          const bool pools = padding <= kernel / 2 && dilation == 1;
          if (window.Size(5) > 0 && (dilated || pools)) windows.push_back(window);
        }
      }
    }
  }
  return windows;
}

// --- the table ---

TEST(KernelsTest, ComputeThePrimitives) {
  for (const Primitive& primitive : Primitives()) {
    if (primitive.form == Primitive::Form::kControl || primitive.form == Primitive::Form::kInput) {
      continue;
    }
    EXPECT_NE(FindKernel(primitive.name), nullptr) << primitive.name;
  }
  for (const char* relaxed : {"softmax", "mix"}) EXPECT_NE(FindKernel(relaxed), nullptr);
  for (const char* other : {"input", "logits", "select", "subset", "when_relaxed", "", "convv"}) {
    EXPECT_EQ(FindKernel(other), nullptr) << other;
  }
}

// --- each against its definition ---

TEST(KernelsTest, Conv) {
  const at::Tensor x = Images();
  for (const Window& window : Windows(/*dilated=*/true)) {
    const at::Tensor weights = Random({4, 3, window.kernel, window.kernel}, 2);
    const at::Tensor bias = Random({4}, 3);
    const Attributes attributes = window.ToAttributes(/*dilated=*/true);
    ExpectNear(Compute("conv", {x}, attributes, {weights}), NaiveConv(x, weights, {}, window));
    ExpectNear(Compute("conv", {x}, attributes, {weights, bias}),
               NaiveConv(x, weights, bias, window));
  }
}

TEST(KernelsTest, Depthwise) {
  const at::Tensor x = Images();
  for (const Window& window : Windows(/*dilated=*/true)) {
    const at::Tensor weights = Random({3, 1, window.kernel, window.kernel}, 2);
    ExpectNear(Compute("depthwise", {x}, window.ToAttributes(/*dilated=*/true), {weights}),
               NaiveConv(x, weights, {}, window));
  }
}

TEST(KernelsTest, PoolsLeaveThePaddingOut) {
  const at::Tensor x = Images().sub(10);  // a zero of the padding would be the greatest
  for (const Window& window : Windows(/*dilated=*/false)) {
    const Attributes attributes = window.ToAttributes(/*dilated=*/false);
    const std::vector<int64_t> shape = {2, 3, window.Size(7), window.Size(5)};
    ExpectNear(Compute("max_pool", {x}, attributes),
               Make(shape, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
                 double greatest = -std::numeric_limits<double>::infinity();
                 ForWindow(x, n, c, row, column, window, [&](int64_t, int64_t, double value) {
                   greatest = std::max(greatest, value);
                 });
                 return greatest;
               }));
    ExpectNear(Compute("avg_pool", {x}, attributes),
               Make(shape, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
                 double sum = 0;
                 int count = 0;
                 ForWindow(x, n, c, row, column, window, [&](int64_t, int64_t, double value) {
                   sum += value;
                   ++count;
                 });
                 return sum / count;
               }));
  }
}

TEST(KernelsTest, GlobalAvgPool) {
  const at::Tensor x = Images();
  const auto values = x.accessor<double, 4>();
  ExpectNear(Compute("global_avg_pool", {x}),
             Make({2, 3, 1, 1}, [&](int64_t n, int64_t c, int64_t, int64_t) {
               double sum = 0;
               for (int64_t i = 0; i < 35; ++i) sum += values[n][c][i / 5][i % 5];
               return sum / 35;
             }));
}

TEST(KernelsTest, Shift) {
  const at::Tensor x = Images();
  const auto values = x.accessor<double, 4>();
  for (const auto& [rows, columns] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 0}, {1, 1}, {0, 2}, {3, 0}, {7, 5}}) {
    const int64_t down = rows;
    const int64_t right = columns;
    ExpectNear(Compute("shift", {x}, {{"rows", rows}, {"columns", columns}}),
               Make({2, 3, 7, 5}, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
                 const bool inside = row + down < 7 && column + right < 5;
                 return inside ? values[n][c][row + down][column + right] : 0;
               }));
  }
}

TEST(KernelsTest, Linear) {
  const at::Tensor x = Random({2, 6}, 1);
  const at::Tensor weights = Random({4, 6}, 2);
  const at::Tensor bias = Random({4}, 3);
  for (const bool with_bias : {false, true}) {
    const at::Tensor expected = at::zeros({2, 4}, at::kDouble);
    for (int64_t i = 0; i < 8; ++i) {
      double sum = with_bias ? bias[i % 4].item<double>() : 0;
      for (int64_t k = 0; k < 6; ++k) {
        sum += x[i / 4][k].item<double>() * weights[i % 4][k].item<double>();
      }
      expected[i / 4][i % 4].fill_(sum);
    }
    const Tensors params = with_bias ? Tensors{weights, bias} : Tensors{weights};
    ExpectNear(Compute("linear", {x}, {}, params), expected);
    // What a global pool gives: one value a channel.
    ExpectNear(Compute("linear", {x.view({2, 6, 1, 1})}, {}, params), expected);
  }
}

TEST(KernelsTest, BatchNorm) {
  const at::Tensor x = Images().mul(3).add(2);
  const auto values = x.accessor<double, 4>();
  const at::Tensor scale = Values({0.5, -2, 3});
  const at::Tensor offset = Values({1, 0, -1});
  for (const bool affine : {false, true}) {
    for (const bool training : {false, true}) {
      const at::Tensor running_mean = Values({1, 2, 3});
      const at::Tensor running_var = Values({1, 4, 9});
      std::vector<double> means = {1, 2, 3};
      std::vector<double> variances = {1, 4, 9};
      std::vector<double> running_means = means;
      std::vector<double> running_variances = variances;
      for (int64_t c = 0; training && c < 3; ++c) {
        double sum = 0;
        double squares = 0;
        for (int64_t i = 0; i < 70; ++i) sum += values[i / 35][c][i / 5 % 7][i % 5];
        for (int64_t i = 0; i < 70; ++i) {
          squares += std::pow(values[i / 35][c][i / 5 % 7][i % 5] - sum / 70, 2);
        }
        means[c] = sum / 70;
        variances[c] = squares / 70;
        running_means[c] = 0.9 * running_means[c] + 0.1 * sum / 70;
        running_variances[c] = 0.9 * running_variances[c] + 0.1 * squares / 69;
      }
      Tensors params = {running_mean, running_var};
      if (affine) params.insert(params.begin(), {scale, offset});
      ForwardMode mode;
      mode.training = training;
      const at::Tensor y = Compute("bn", {x}, {{"affine", int64_t{affine}}}, params, mode);
      ExpectNear(y, Make({2, 3, 7, 5}, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
                   const double normal =
                       (values[n][c][row][column] - means[c]) / std::sqrt(variances[c] + 1e-5);
                   return affine ? normal * scale[c].item<double>() + offset[c].item<double>()
                                 : normal;
                 }));
      ExpectNear(running_mean, Values(running_means));
      ExpectNear(running_var, Values(running_variances));
    }
  }
}

TEST(KernelsTest, Activations) {
  const std::vector<double> x = {-7, -0.5, 0, 0.5, 6, 7};
  ExpectNear(Compute("relu", {Values(x)}), Values({0, 0, 0, 0.5, 6, 7}));
  ExpectNear(Compute("relu6", {Values(x)}), Values({0, 0, 0, 0.5, 6, 6}));
  std::vector<double> sigmoid;
  for (const double value : x) sigmoid.push_back(1 / (1 + std::exp(-value)));
  ExpectNear(Compute("sigmoid", {Values(x)}), Values(sigmoid));
}

TEST(KernelsTest, NoneIsZerosOfTheStepsShape) {
  ProgramStep step;
  step.op = "none";
  step.shape = {-1, 6, 4, 3};
  const at::Tensor zeros = FindKernel("none")({step, {Images()}, {}, {}});
  ExpectNear(zeros, at::zeros({2, 6, 4, 3}, at::kDouble));
  EXPECT_EQ(zeros.scalar_type(), at::kDouble);
}

TEST(KernelsTest, FlattenGoesByChannelsWhateverTheOrderInMemory) {
  const at::Tensor x = Images();
  const at::Tensor flat = Compute("flatten", {x});
  ASSERT_EQ(flat.sizes(), c10::IntArrayRef({2, 105}));
  EXPECT_EQ(flat[1][35 + 5 + 2].item<double>(), x[1][1][1][2].item<double>());
  ExpectNear(Compute("identity", {x}), x);
}

TEST(KernelsTest, Combiners) {
  const at::Tensor a = Images(3, 1);
  const at::Tensor b = Images(3, 2);
  const at::Tensor c = Images(3, 3);
  ExpectNear(Compute("sum", {a}), a);
  ExpectNear(Compute("sum", {a, b, c}), a.add(b).add(c));
  ExpectNear(Compute("multiply", {a, b, c}), a.mul(b).mul(c));
  const at::Tensor joined = Compute("concat", {a, Images(1, 2)});
  ASSERT_EQ(joined.sizes(), c10::IntArrayRef({2, 4, 7, 5}));
  ExpectNear(joined.slice(1, 0, 3), a);
  ExpectNear(joined.slice(1, 3, 4), Images(1, 2));
}

TEST(KernelsTest, MultiplyScalesWholeChannels) {
  const at::Tensor x = Images();
  const at::Tensor scale = Random({2, 3, 1, 1}, 2);
  const at::Tensor product = Compute("multiply", {x, scale});
  for (int64_t i = 0; i < 6; ++i) {
    ExpectNear(product[i / 3][i % 3], x[i / 3][i % 3].mul(scale[i / 3][i % 3][0][0]));
  }
}

TEST(KernelsTest, SoftmaxAndMix) {
  const std::vector<double> logits = {0.5, -1, 2};
  const at::Tensor weights = Compute("softmax", {Values(logits)});
  double total = 0;
  for (const double logit : logits) total += std::exp(logit);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(weights[i].item<double>(), std::exp(logits[i]) / total, kTolerance);
  }
  const at::Tensor a = Images(3, 1);
  const at::Tensor b = Images(3, 2);
  const at::Tensor c = Images(3, 3);
  ExpectNear(Compute("mix", {Values({0.5, -2, 3}), a, b, c}),
             a.mul(0.5).sub(b.mul(2)).add(c.mul(3)));
}

TEST(KernelsTest, DropPathDropsWholeImagesAndKeepsTheMean) {
  const int64_t images = 20000;
  const at::Tensor x = at::ones({images, 2, 1, 3}, at::kDouble);
  Rng rng(5);
  ForwardMode mode = Training();
  mode.rng = &rng;
  mode.drop_path_progress = 0.5;
  const at::Tensor y = Compute("drop_path", {x}, {{"rate", 0.4}}, {}, mode);
  const at::Tensor kept = y.select(3, 0).select(2, 0).select(1, 0);
  ExpectNear(y, kept.view({images, 1, 1, 1}).expand({images, 2, 1, 3}));
  const int64_t dropped = kept.eq(0).sum().item<int64_t>();
  EXPECT_EQ(dropped + kept.sub(1 / 0.8).abs().lt(kTolerance).sum().item<int64_t>(), images);
  EXPECT_NEAR(static_cast<double>(dropped) / images, 0.2, 0.015);  // five standard deviations
}

TEST(KernelsTest, DropPathIsOffOutsideTrainingAndAtItsBeginning) {
  const at::Tensor x = Images();
  Rng rng(5);
  ForwardMode mode;
  mode.rng = &rng;
  EXPECT_TRUE(Compute("drop_path", {x}, {{"rate", 0.9}}, {}, mode).equal(x));
  mode.training = true;
  mode.drop_path_progress = 0;
  EXPECT_TRUE(Compute("drop_path", {x}, {{"rate", 0.9}}, {}, mode).equal(x));
}

// --- gradients ---

// Compares the gradients by all inputs and by the first `weights` params with central differences.
void ExpectGradients(const std::string& op, const Tensors& inputs,
                     const Attributes& attributes = {}, const Tensors& params = {},
                     size_t weights = 0, const ForwardMode& mode = {}) {
  SCOPED_TRACE(op);
  Tensors variables = inputs;
  variables.insert(variables.end(), params.begin(), params.begin() + weights);
  const at::Tensor direction =
      Random(Compute(op, inputs, attributes, params, mode).sizes().vec(), 9);
  const auto value = [&] {
    return Compute(op, inputs, attributes, params, mode).mul(direction).sum();
  };
  for (at::Tensor& variable : variables) variable.set_requires_grad(true);
  value().backward();
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (size_t v = 0; v < variables.size(); ++v) {
    // In the variable's order in memory, which its gradient need not share.
    const at::Tensor gradient = at::empty_like(variables[v]).copy_(variables[v].grad());
    for (int64_t i = 0; i < variables[v].numel(); ++i) {
      double& entry = variables[v].data_ptr<double>()[i];
      const double before = entry;
      entry = before + kStep;
      const double above = value().item<double>();
      entry = before - kStep;
      const double below = value().item<double>();
      entry = before;
      ASSERT_NEAR(gradient.data_ptr<double>()[i], (above - below) / (2 * kStep), 1e-7)
          << "variable " << v << ", entry " << i;
    }
  }
}

TEST(KernelsTest, Gradients) {
  const Attributes strided = Window{3, 2, 2, 2}.ToAttributes(/*dilated=*/true);
  const Attributes pooled = Window{3, 2, 1, 1}.ToAttributes(/*dilated=*/false);
  ExpectGradients("conv", {Images()}, strided, {Random({4, 3, 3, 3}, 2), Random({4}, 3)}, 2);
  ExpectGradients("depthwise", {Images()}, strided, {Random({3, 1, 3, 3}, 2)}, 1);
  // Its pixels are picked before it is computed.
  const Attributes strided_point = {{"kernel", int64_t{1}},
                                    {"stride", int64_t{2}},
                                    {"padding", int64_t{0}},
                                    {"dilation", int64_t{1}}};
  ExpectGradients("conv", {Images()}, strided_point, {Random({4, 3, 1, 1}, 2)}, 1);
  ExpectGradients("linear", {Random({2, 6}, 1)}, {}, {Random({4, 6}, 2), Random({4}, 3)}, 2);
  ExpectGradients("max_pool", {Images()}, pooled);
  ExpectGradients("avg_pool", {Images()}, pooled);
  ExpectGradients("global_avg_pool", {Images()});
  ExpectGradients("shift", {Images()}, {{"rows", int64_t{1}}, {"columns", int64_t{2}}});
  for (const bool training : {false, true}) {
    ForwardMode mode;
    mode.training = training;
    ExpectGradients(
        "bn", {Images()}, {{"affine", int64_t{1}}},
        {Values({0.5, -2, 3}), Values({1, 0, -1}), Values({1, 2, 3}), Values({1, 4, 9})}, 2, mode);
  }
  ExpectGradients("relu", {Images()});
  ExpectGradients("relu6", {Images()});
  ExpectGradients("sigmoid", {Images()});
  ExpectGradients("multiply", {Images(), Random({2, 3, 1, 1}, 2)});
  ExpectGradients("concat", {Images(3, 1), Images(1, 2)});
  ExpectGradients("softmax", {Values({0.5, -1, 2})});
  ExpectGradients("mix", {Values({0.5, -2}), Images(3, 1), Images(3, 2)});
}

}  // namespace
}  // namespace nasc
