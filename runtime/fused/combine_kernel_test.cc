#include "runtime/fused/combine_kernel.h"

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
std::vector<std::pair<std::string, CombineKernels<T>>> Kernels() {
  std::vector<std::pair<std::string, CombineKernels<T>>> kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.emplace_back("avx2", avx2::Combine<T>());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    kernels.emplace_back("avx512", avx512::Combine<T>());
  }
  return kernels;
}

template <typename T>
std::vector<T> Random(int64_t size, std::mt19937& random) {
  std::normal_distribution<T> normal;
  std::vector<T> numbers(size);
  for (T& number : numbers) number = normal(random);
  return numbers;
}

// Whether the numbers differ by little of the largest.
template <typename T, typename U>
void ExpectNear(const std::vector<U>& actual, const std::vector<double>& expected,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::abs(v));
  const double tolerance = largest * (sizeof(T) == 4 ? 1e-5 : 1e-12);
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance) << what << ", number " << i;
  }
}

constexpr int64_t kChannels[] = {1, 3, 16, 17, 36, 64};
constexpr int64_t kCounts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 35};

template <typename T>
class CombineTest : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(CombineTest, Types);

TYPED_TEST(CombineTest, AddsScaledOperands) {
  using T = TypeParam;
  std::mt19937 random(1);
  constexpr int64_t kPixels = 71;
  constexpr int64_t kBegin = 2;
  constexpr int64_t kEnd = 70;
  for (const auto& [name, kernels] : Kernels<T>()) {
    for (const int64_t channels : kChannels) {
      for (const int64_t count : kCounts) {
        std::vector<std::vector<T>> x, scale, shift;
        for (int64_t k = 0; k < count; ++k) {
          x.push_back(Random<T>(kPixels * channels, random));
          scale.push_back(Random<T>(channels, random));
          shift.push_back(Random<T>(channels, random));
        }
        const std::vector<T> before = Random<T>(kPixels * channels, random);
        // Which have a scale and a shift: none, all, one of the two, or a mixture.
        for (const int nulls : {0, 1, 2, 3, 4}) {
          std::vector<CombineOperand<T>> operands(count);
          std::vector<double> sums(kPixels * channels);
          for (int64_t k = 0; k < count; ++k) {
            const int64_t kind = nulls == 4 ? k % 4 : nulls;
            operands[k].x = x[k].data();
            if (kind & 1) operands[k].scale = scale[k].data();
            if (kind & 2) operands[k].shift = shift[k].data();
            for (int64_t i = 0; i < kPixels * channels; ++i) {
              const double by = kind & 1 ? scale[k][i % channels] : 1;
              sums[i] += x[k][i] * by + (kind & 2 ? shift[k][i % channels] : 0);
            }
          }
          std::vector<double> expected(before.begin(), before.end());
          std::copy(sums.begin() + kBegin * channels, sums.begin() + kEnd * channels,
                    expected.begin() + kBegin * channels);
          std::vector<T> y = before;
          std::vector<T> scratch(2 * channels, std::numeric_limits<T>::quiet_NaN());
          kernels.combine(operands.data(), count, channels, y.data(), scratch.data(), kBegin, kEnd);
          ExpectNear<T>(y, expected,
                        name + ", " + std::to_string(channels) + " channels, " +
                            std::to_string(count) + " operands, nulls " + std::to_string(nulls));
        }
      }
    }
  }
}

TYPED_TEST(CombineTest, KeepsNaN) {
  using T = TypeParam;
  for (const auto& [name, kernels] : Kernels<T>()) {
    const std::vector<T> x(16, std::numeric_limits<T>::quiet_NaN());
    std::vector<T> y(16);
    std::vector<T> scratch(2 * 16);
    const CombineOperand<T> operand{x.data()};
    kernels.combine(&operand, 1, 16, y.data(), scratch.data(), 0, 1);
    for (const T v : y) EXPECT_TRUE(std::isnan(v)) << name;
  }
}

TYPED_TEST(CombineTest, SumsProducts) {
  using T = TypeParam;
  std::mt19937 random(2);
  for (const auto& [name, kernels] : Kernels<T>()) {
    for (const int64_t channels : kChannels) {
      for (const int64_t count : kCounts) {
        for (const int64_t pixels : {1, 31, 75}) {
          const int64_t begin = pixels > 1 ? 1 : 0;
          const std::vector<T> dy = Random<T>(pixels * channels, random);
          std::vector<std::vector<T>> x;
          for (int64_t k = 0; k < count; ++k) x.push_back(Random<T>(pixels * channels, random));
          // The last one is dy itself.
          std::vector<const T*> from;
          for (const std::vector<T>& operand : x) from.push_back(operand.data());
          x.back() = dy;
          from.back() = dy.data();
          std::vector<double> expected((1 + count) * channels);
          for (int64_t i = begin * channels; i < pixels * channels; ++i) {
            const int64_t c = i % channels;
            expected[c] += dy[i];
            for (int64_t k = 0; k < count; ++k) {
              expected[(1 + k) * channels + c] += static_cast<double>(dy[i]) * x[k][i];
            }
          }
          std::vector<double> sums(expected.size(), std::nan(""));
          kernels.sums(dy.data(), from.data(), count, channels, sums.data(), begin, pixels);
          ExpectNear<T>(sums, expected,
                        name + ", " + std::to_string(channels) + " channels, " +
                            std::to_string(count) + " operands, " + std::to_string(pixels) +
                            " pixels");
        }
      }
    }
  }
}

TYPED_TEST(CombineTest, SumsOfNothingAreZero) {
  using T = TypeParam;
  for (const auto& [name, kernels] : Kernels<T>()) {
    const std::vector<T> dy(3, T{1});
    const T* x = dy.data();
    std::vector<double> sums(6, 1.0);
    kernels.sums(dy.data(), &x, 1, 3, sums.data(), 1, 1);
    EXPECT_EQ(sums, std::vector<double>(6, 0.0)) << name;
  }
}

TYPED_TEST(CombineTest, GradientPassesWhereReluDid) {
  using T = TypeParam;
  std::mt19937 random(3);
  for (const auto& [name, kernels] : Kernels<T>()) {
    for (const int64_t size : {1, 7, 16, 133}) {
      std::vector<T> y = Random<T>(size, random);
      for (int64_t i = 0; i < size; i += 3) y[i] = 0;
      const std::vector<T> dy = Random<T>(size, random);
      const std::vector<T> before = Random<T>(size, random);
      const int64_t begin = size > 2 ? 1 : 0;
      std::vector<double> expected(before.begin(), before.end());
      for (int64_t i = begin; i < size; ++i) expected[i] = y[i] > 0 ? dy[i] : 0;
      std::vector<T> dx = before;
      kernels.relu_gradient(y.data(), dy.data(), dx.data(), begin, size);
      ExpectNear<T>(dx, expected, name);
      std::vector<T> in_place = dy;
      kernels.relu_gradient(y.data(), in_place.data(), in_place.data(), begin, size);
      expected[0] = begin > 0 ? dy[0] : expected[0];
      ExpectNear<T>(in_place, expected, name + ", in place");
    }
  }
}

}  // namespace
}  // namespace nasc::fused
