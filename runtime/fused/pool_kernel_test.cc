#include "runtime/fused/pool_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace nasc::fused {
namespace {

// Those that this processor can run.
template <typename T>
std::vector<std::pair<std::string, PoolKernels<T>>> Kernels() {
  std::vector<std::pair<std::string, PoolKernels<T>>> kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.emplace_back("avx2", avx2::Pool<T>());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    kernels.emplace_back("avx512", avx512::Pool<T>());
  }
  return kernels;
}

PoolShape Shape(int64_t height, int64_t width, int64_t channels, int64_t kernel, int64_t stride,
                int64_t padding) {
  PoolShape s{height, width, channels, 0, 0, kernel, stride, padding};
  const auto out = [&](int64_t size) {
    return size + 2 * padding < kernel ? 0 : (size + 2 * padding - kernel) / stride + 1;
  };
  s.out_height = out(height);
  s.out_width = out(width);
  return s;
}

std::vector<PoolShape> Shapes() {
  std::vector<PoolShape> shapes;
  for (const auto& [height, width] :
       {std::pair(1, 1), std::pair(2, 3), std::pair(7, 5), std::pair(8, 11), std::pair(1, 9)}) {
    for (const int64_t channels : {1, 3, 16, 17, 36}) {
      for (const int64_t kernel : {1, 2, 3, 5}) {
        for (const int64_t stride : {1, 2, 3}) {
          for (int64_t padding = 0; padding <= kernel / 2; ++padding) {
            const PoolShape s = Shape(height, width, channels, kernel, stride, padding);
            if (s.out_height > 0 && s.out_width > 0) shapes.push_back(s);
          }
        }
      }
    }
  }
  // Windows past the end, as rounding up makes them.
  PoolShape up = Shape(6, 6, 16, 3, 2, 0);
  up.out_height = 3;
  up.out_width = 3;
  shapes.push_back(up);
  return shapes;
}

std::string Name(const PoolShape& s) {
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" +
         std::to_string(s.channels) + " kernel " + std::to_string(s.kernel) + " stride " +
         std::to_string(s.stride) + " padding " + std::to_string(s.padding);
}

constexpr int64_t kBatch = 3;
int64_t InSize(const PoolShape& s) { return kBatch * s.height * s.width * s.channels; }
int64_t OutSize(const PoolShape& s) { return kBatch * s.out_height * s.out_width * s.channels; }

template <typename T>
std::vector<T> Random(int64_t size, std::mt19937& random) {
  std::normal_distribution<T> normal;
  std::vector<T> numbers(size);
  for (T& number : numbers) number = normal(random);
  return numbers;
}

enum class Values { kAny, kTies, kNaN };

template <typename T>
std::vector<T> Input(Values values, int64_t size, std::mt19937& random) {
  std::vector<T> x = Random<T>(size, random);
  if (values == Values::kTies) {
    for (T& v : x) v = std::round(v / 2);
  } else if (values == Values::kNaN) {
    for (T& v : x) {
      if (v > 1) v = std::numeric_limits<T>::quiet_NaN();
    }
  }
  return x;
}

// Calls f(at in y, indices in x) for the windows of images `begin` to `end`.
template <typename F>
void ForEachWindow(const PoolShape& s, int64_t begin, int64_t end, const F& f) {
  for (int64_t n = begin; n < end; ++n) {
    for (int64_t row = 0; row < s.out_height; ++row) {
      for (int64_t column = 0; column < s.out_width; ++column) {
        for (int64_t c = 0; c < s.channels; ++c) {
          std::vector<int64_t> window;
          for (int64_t i = 0; i < s.kernel * s.kernel; ++i) {
            const int64_t r = row * s.stride - s.padding + i / s.kernel;
            const int64_t w = column * s.stride - s.padding + i % s.kernel;
            if (r < 0 || r >= s.height || w < 0 || w >= s.width) continue;
            window.push_back(((n * s.height + r) * s.width + w) * s.channels + c);
          }
          f(((n * s.out_height + row) * s.out_width + column) * s.channels + c, window);
        }
      }
    }
  }
}

template <typename T>
int64_t Maximum(const std::vector<T>& x, const std::vector<int64_t>& window) {
  int64_t best = window[0];
  for (const int64_t i : window) {
    if (x[i] > x[best] || std::isnan(x[i])) best = i;
  }
  return best;
}

// Whether the numbers differ by little of the largest, NaN where NaN is due.
template <typename T, typename U>
void ExpectNear(const std::vector<U>& actual, const std::vector<double>& expected,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (const double v : expected)
    largest = std::isnan(v) ? largest : std::max(largest, std::abs(v));
  const double tolerance = largest * (sizeof(T) == 4 ? 1e-5 : 1e-12);
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(expected[i])) {
      ASSERT_TRUE(std::isnan(actual[i])) << what << ", number " << i;
    } else {
      ASSERT_NEAR(actual[i], expected[i], tolerance) << what << ", number " << i;
    }
  }
}

template <typename T>
std::vector<T> Scratch(const PoolKernels<T>& kernels, const PoolShape& s) {
  return std::vector<T>(kernels.scratch_size(s), std::numeric_limits<T>::quiet_NaN());
}

template <typename T>
class PoolTest : public testing::Test {
 protected:
  // All images, or the second alone.
  static constexpr std::pair<int64_t, int64_t> kRanges[] = {{0, kBatch}, {1, 2}};

  void CheckForward(bool max, Values values) {
    std::mt19937 random(1);
    for (const auto& [name, kernels] : Kernels<T>()) {
      for (const PoolShape& s : Shapes()) {
        const std::vector<T> x = Input<T>(values, InSize(s), random);
        for (const auto& [begin, end] : kRanges) {
          std::vector<double> expected(OutSize(s), -7);
          std::vector<double> expected_sums(kBatch * 2 * s.channels, -7);
          for (int64_t i = begin * 2 * s.channels; i < end * 2 * s.channels; ++i) {
            expected_sums[i] = 0;
          }
          const int64_t image_size = OutSize(s) / kBatch;
          ForEachWindow(s, begin, end, [&](int64_t at, const std::vector<int64_t>& window) {
            double y = 0;
            if (max) {
              y = x[Maximum(x, window)];
            } else {
              for (const int64_t i : window) y += x[i] / static_cast<double>(window.size());
            }
            expected[at] = y;
            double* sums = &expected_sums[at / image_size * 2 * s.channels + at % s.channels];
            sums[0] += y;
            sums[s.channels] += y * y;
          });
          const auto forward = max ? kernels.max_forward : kernels.average_forward;
          for (const bool with_sums : {false, true}) {
            std::vector<T> y(OutSize(s), -7);
            std::vector<double> sums(kBatch * 2 * s.channels, -7);
            std::vector<T> scratch = Scratch(kernels, s);
            forward(s, x.data(), y.data(), with_sums ? sums.data() : nullptr, scratch.data(), begin,
                    end);
            ExpectNear<T>(y, expected, name + " " + Name(s));
            if (with_sums) ExpectNear<T>(sums, expected_sums, name + " sums " + Name(s));
          }
        }
      }
    }
  }

  void CheckBackward(bool max, Values values) {
    std::mt19937 random(2);
    for (const auto& [name, kernels] : Kernels<T>()) {
      for (const PoolShape& s : Shapes()) {
        const std::vector<T> x = Input<T>(values, InSize(s), random);
        const std::vector<T> before = Random<T>(InSize(s), random);
        const std::vector<T> dy = Random<T>(OutSize(s), random);
        const std::vector<T> z = Random<T>(OutSize(s), random);
        const std::vector<T> dy_scale = Random<T>(s.channels, random);
        const std::vector<T> z_scale = Random<T>(s.channels, random);
        const std::vector<T> offset = Random<T>(s.channels, random);
        for (int variant = 0; variant < 16; ++variant) {
          const bool accumulate = variant & 1;
          const auto [begin, end] = kRanges[variant & 2 ? 1 : 0];
          const bool scaled = variant & 4;
          const bool with_z = variant & 8;
          PoolGradient<T> g{dy.data()};
          if (scaled) g.dy_scale = dy_scale.data();
          if (with_z) {
            g.z = z.data();
            g.z_scale = z_scale.data();
            g.offset = offset.data();
          }
          std::vector<double> expected(before.begin(), before.end());
          const int64_t image_size = InSize(s) / kBatch;
          for (int64_t i = begin * image_size; !accumulate && i < end * image_size; ++i) {
            expected[i] = 0;
          }
          ForEachWindow(s, begin, end, [&](int64_t at, const std::vector<int64_t>& window) {
            const int64_t c = at % s.channels;
            double gradient = dy[at] * (scaled ? static_cast<double>(dy_scale[c]) : 1);
            if (with_z) gradient += z[at] * static_cast<double>(z_scale[c]) + offset[c];
            if (max) {
              expected[Maximum(x, window)] += gradient;
            } else {
              for (const int64_t i : window) {
                expected[i] += gradient / static_cast<double>(window.size());
              }
            }
          });
          std::vector<T> dx = before;
          std::vector<T> scratch = Scratch(kernels, s);
          if (max) {
            kernels.max_backward(s, x.data(), g, dx.data(), accumulate, scratch.data(), begin, end);
          } else {
            kernels.average_backward(s, g, dx.data(), accumulate, scratch.data(), begin, end);
          }
          ExpectNear<T>(dx, expected,
                        name + " " + Name(s) + ", variant " + std::to_string(variant));
        }
      }
    }
  }
};

using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(PoolTest, Types);

TYPED_TEST(PoolTest, MaxForward) { this->CheckForward(true, Values::kAny); }
TYPED_TEST(PoolTest, MaxForwardKeepsNaN) { this->CheckForward(true, Values::kNaN); }
TYPED_TEST(PoolTest, AverageForward) { this->CheckForward(false, Values::kAny); }
TYPED_TEST(PoolTest, MaxBackward) { this->CheckBackward(true, Values::kAny); }
TYPED_TEST(PoolTest, MaxBackwardOfTies) { this->CheckBackward(true, Values::kTies); }
TYPED_TEST(PoolTest, MaxBackwardOfNaN) { this->CheckBackward(true, Values::kNaN); }
TYPED_TEST(PoolTest, AverageBackward) { this->CheckBackward(false, Values::kAny); }

}  // namespace
}  // namespace nasc::fused
