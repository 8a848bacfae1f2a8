#include "runtime/kernels.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "compiler/primitives.h"
#include "gtest/gtest.h"
#include "runtime/random/random.h"
#include "runtime/test_kernels.h"

namespace nasc {
namespace {

constexpr double kTolerance = 1e-12;

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

// Calls f(row of the window, column of the window, value) for each value of a window, outside which
// there is nothing.
void ForWindow(const at::Tensor& x, int64_t image, int64_t channel, int64_t row, int64_t column,
               const Window& window, const std::function<void(int64_t, int64_t, double)>& f) {
  const auto values = x.accessor<double, 4>();
  for (int64_t i = 0; i < window.kernel; ++i) {
    for (int64_t j = 0; j < window.kernel_width; ++j) {
      const int64_t y = row * window.stride - window.padding + i * window.dilation;
      const int64_t z = column * window.stride - window.padding_width + j * window.dilation;
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
  const std::vector<int64_t> shape = {x.size(0), weights.size(0), window.Height(x.size(2)),
                                      window.Width(x.size(3))};
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
          if (window.Width(5) > 0 && (dilated || pools)) windows.push_back(window);
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
  for (const char* other :
       {"input", "features", "logits", "select", "subset", "when_relaxed", "", "convv"}) {
    EXPECT_EQ(FindKernel(other), nullptr) << other;
  }
}

// As a library of a user registers one.
at::Tensor Twice(const KernelArgs& args) { return args.inputs[0].mul(2); }
Tensors TwiceGradient(const KernelArgs&, const at::Tensor& dy) { return {dy.mul(2)}; }
const KernelRegistration registration("twice", Twice, TwiceGradient);

TEST(KernelsTest, RegisteredOnesAreFound) {
  ExpectNear(Compute("twice", {Values({1, -3})}), Values({2, -6}));
  EXPECT_EQ(FindGradientKernel("twice"), TwiceGradient);
  EXPECT_EQ(FindGradientKernel("conv"), nullptr);
}

TEST(KernelsDeathTest, NamesAreRegisteredOnce) {
  EXPECT_DEATH(KernelRegistration("conv", Twice), "two kernels are named conv");
  EXPECT_DEATH(KernelRegistration("combine", Twice),
               "steps of programs have the name of the kernel combine");
}

// --- each against its definition ---

TEST(KernelsTest, Conv) {
  const at::Tensor x = Images();
  std::vector<Window> windows = Windows(/*dilated=*/true);
  windows.push_back({1, 1, 0, 1, 5, 2});
  windows.push_back({5, 1, 2, 1, 1, 0});
  windows.push_back({1, 2, 0, 1, 3, 1});
  windows.push_back({3, 2, 1, 2, 2, 0});
  for (const Window& window : windows) {
    const at::Tensor weights = Random({4, 3, window.kernel, window.kernel_width}, 2);
    const at::Tensor bias = Random({4}, 3);
    const Attributes attributes = window.OfConv();
    ExpectNear(Compute("conv", {x}, attributes, {weights}), NaiveConv(x, weights, {}, window));
    ExpectNear(Compute("conv", {x}, attributes, {weights, bias}),
               NaiveConv(x, weights, bias, window));
  }
}

TEST(KernelsTest, Depthwise) {
  const at::Tensor x = Images();
  for (const Window& window : Windows(/*dilated=*/true)) {
    const at::Tensor weights = Random({3, 1, window.kernel, window.kernel}, 2);
    ExpectNear(Compute("depthwise", {x}, window.OfConv(), {weights}),
               NaiveConv(x, weights, {}, window));
  }
}

TEST(KernelsTest, PoolsLeaveThePaddingOut) {
  const at::Tensor x = Images().sub(10);  // a zero of the padding would be the greatest
  for (const Window& window : Windows(/*dilated=*/false)) {
    const Attributes attributes = window.OfPool();
    const std::vector<int64_t> shape = {2, 3, window.Height(7), window.Width(5)};
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

TEST(KernelsTest, BatchNormOfFeatures) {
  const at::Tensor x = Random({5, 3}, 1);
  const Tensors params = {Values({1, 2, 3}), Values({1, 4, 9})};
  const at::Tensor y = Compute("bn", {x}, {{"affine", int64_t{0}}}, params);
  for (int64_t i = 0; i < 15; ++i) {
    const double deviation = static_cast<double>(i % 3 + 1);
    EXPECT_NEAR(
        y[i / 3][i % 3].item<double>(),
        (x[i / 3][i % 3].item<double>() - deviation) / std::sqrt(deviation * deviation + 1e-5),
        kTolerance);
  }
}

TEST(KernelsTest, LayerNormOfEachPixelsChannels) {
  const at::Tensor x = Images().mul(3).add(2);
  const auto values = x.accessor<double, 4>();
  const at::Tensor scale = Values({0.5, -2, 3});
  const at::Tensor offset = Values({1, 0, -1});
  for (const bool affine : {false, true}) {
    const Tensors params = affine ? Tensors{scale, offset} : Tensors{};
    const at::Tensor y = Compute("layer_norm", {x}, {{"affine", int64_t{affine}}}, params);
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
    ExpectNear(
        y, Make({2, 3, 7, 5}, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
          double mean = 0;
          double variance = 0;
          for (int64_t i = 0; i < 3; ++i) mean += values[n][i][row][column] / 3;
          for (int64_t i = 0; i < 3; ++i) {
            variance += std::pow(values[n][i][row][column] - mean, 2) / 3;
          }
          const double normal = (values[n][c][row][column] - mean) / std::sqrt(variance + 1e-5);
          return affine ? normal * scale[c].item<double>() + offset[c].item<double>() : normal;
        }));
    // A row of features is a pixel.
    const at::Tensor row = x.select(3, 1).select(2, 2);
    ExpectNear(Compute("layer_norm", {row}, {{"affine", int64_t{affine}}}, params),
               y.select(3, 1).select(2, 2));
  }
}

TEST(KernelsTest, AdaptiveAvgPool) {
  const at::Tensor x = Images();
  const auto values = x.accessor<double, 4>();
  for (const int64_t size : {1, 2, 3, 6, 9}) {  // smaller and larger than the image
    const auto begin = [size](int64_t i, int64_t side) { return i * side / size; };
    const auto end = [size](int64_t i, int64_t side) { return ((i + 1) * side + size - 1) / size; };
    ExpectNear(Compute("adaptive_avg_pool", {x}, {{"size", size}}),
               Make({2, 3, size, size}, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
                 double sum = 0;
                 int64_t count = 0;
                 for (int64_t i = begin(row, 7); i < end(row, 7); ++i) {
                   for (int64_t j = begin(column, 5); j < end(column, 5); ++j, ++count) {
                     sum += values[n][c][i][j];
                   }
                 }
                 return sum / static_cast<double>(count);
               }));
  }
}

TEST(KernelsTest, Power) {
  const std::vector<double> x = {-7, -0.5, 0, 0.5, 3};
  ExpectNear(Compute("power", {Values(x)}, {{"exponent", int64_t{1}}}), Values(x));
  ExpectNear(Compute("power", {Values(x)}, {{"exponent", int64_t{2}}}),
             Values({49, 0.25, 0, 0.25, 9}));
  ExpectNear(Compute("power", {Values(x)}, {{"exponent", int64_t{3}}}),
             Values({-343, -0.125, 0, 0.125, 27}));
}

TEST(KernelsTest, Column) {
  const at::Tensor x = Random({3, 4}, 1);
  for (const int64_t index : {0, 3}) {
    const at::Tensor column = Compute("column", {x}, {{"index", index}});
    ASSERT_EQ(column.sizes(), c10::IntArrayRef({3, 1}));
    for (int64_t n = 0; n < 3; ++n) {
      EXPECT_EQ(column[n][0].item<double>(), x[n][index].item<double>());
    }
  }
}

TEST(KernelsTest, Slice) {
  for (const at::Tensor& x : {Images(5), Random({3, 5}, 1)}) {
    const at::Tensor y = Compute("slice", {x}, {{"first", int64_t{1}}, {"channels", int64_t{3}}});
    ASSERT_EQ(y.size(1), 3);
    for (int64_t c = 0; c < 3; ++c) EXPECT_TRUE(y.select(1, c).equal(x.select(1, c + 1)));
  }
}

TEST(KernelsTest, ChannelShuffleInterleavesGroups) {
  for (const at::Tensor& x : {Images(6), Random({3, 6}, 1)}) {
    const at::Tensor y = Compute("channel_shuffle", {x}, {{"groups", int64_t{2}}});
    ASSERT_EQ(y.sizes(), x.sizes());
    const std::vector<int64_t> from = {0, 3, 1, 4, 2, 5};
    for (int64_t c = 0; c < 6; ++c) EXPECT_TRUE(y.select(1, c).equal(x.select(1, from[c])));
    ExpectNear(Compute("channel_shuffle", {y}, {{"groups", int64_t{3}}}), x);
  }
}

TEST(KernelsTest, Affine) {
  const at::Tensor a = Images(3, 1);
  const at::Tensor b = Images(3, 2);
  ExpectNear(Compute("affine", {a, b}, {}, {Values({0.5, -2}), Values({3})}),
             Make({2, 3, 7, 5}, [&](int64_t n, int64_t c, int64_t row, int64_t column) {
               return 3 + 0.5 * a[n][c][row][column].item<double>() -
                      2 * b[n][c][row][column].item<double>();
             }));
  ExpectNear(Compute("affine", {a}, {}, {Values({2}), Values({-1})}), a.mul(2).sub(1));
}

TEST(KernelsTest, Activations) {
  const std::vector<double> x = {-7, -0.5, 0, 0.5, 6, 7};
  ExpectNear(Compute("relu", {Values(x)}), Values({0, 0, 0, 0.5, 6, 7}));
  ExpectNear(Compute("relu6", {Values(x)}), Values({0, 0, 0, 0.5, 6, 6}));
  std::vector<double> sigmoid;
  for (const double value : x) sigmoid.push_back(1 / (1 + std::exp(-value)));
  ExpectNear(Compute("sigmoid", {Values(x)}), Values(sigmoid));
  std::vector<double> tanh;
  for (const double value : x) tanh.push_back(1 - 2 / (std::exp(2 * value) + 1));
  ExpectNear(Compute("tanh", {Values(x)}), Values(tanh));
}

TEST(KernelsTest, NoneIsZerosOfTheStepsShape) {
  ProgramStep step;
  step.op = "none";
  std::vector<int64_t> shape = {-1, 6, 4, 3};
  const at::Tensor zeros = FindKernel("none")({step, {Images()}, {}, {}, &shape});
  ExpectNear(zeros, at::zeros({2, 6, 4, 3}, at::kDouble));
  EXPECT_EQ(zeros.scalar_type(), at::kDouble);
  shape = {-1, 6};
  ExpectNear(FindKernel("none")({step, {Random({2, 4}, 1)}, {}, {}, &shape}),
             at::zeros({2, 6}, at::kDouble));
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

TEST(KernelsTest, DropoutDropsValuesAndKeepsTheMean) {
  const at::Tensor x = at::ones({200, 100}, at::kDouble).set_requires_grad(true);
  Rng rng(5);
  ForwardMode mode = Training();
  mode.rng = &rng;
  mode.drop_path_progress = 0;  // is that of paths alone
  const at::Tensor y = Compute("dropout", {x}, {{"rate", 0.2}}, {}, mode);
  const int64_t dropped = y.eq(0).sum().item<int64_t>();
  EXPECT_EQ(dropped + y.sub(1 / 0.8).abs().lt(kTolerance).sum().item<int64_t>(), 20000);
  EXPECT_NEAR(static_cast<double>(dropped) / 20000, 0.2, 0.015);  // five standard deviations
  EXPECT_GT(y.select(0, 0).eq(0).sum().item<int64_t>(), 0);       // some of a row, not all of it
  EXPECT_LT(y.select(0, 0).eq(0).sum().item<int64_t>(), 100);
  y.sum().backward();
  ExpectNear(x.grad(), y);
  mode.training = false;
  EXPECT_TRUE(Compute("dropout", {x}, {{"rate", 0.2}}, {}, mode).equal(x));
}

}  // namespace
}  // namespace nasc
