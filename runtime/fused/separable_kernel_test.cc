#include "runtime/fused/separable_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/fused/separable_test_reference.h"

namespace nasc::fused {
namespace {

template <typename T>
void ExpectNear(const std::vector<T>& actual, const std::vector<double>& expected,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::abs(v));
  const double tolerance = (sizeof(T) == sizeof(double) ? 1e-12 : 1e-5) * largest;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance) << what << " at " << i;
  }
}

// Sums are doubles also of floats.
template <typename T>
void ExpectSumsNear(const std::vector<double>& actual, const std::vector<double>& expected,
                    const std::string& what) {
  ExpectNear(std::vector<T>(actual.begin(), actual.end()), expected, what);
}

template <typename T>
class AlignedScratch {
 public:
  // Anything may be in it.
  explicit AlignedScratch(int64_t size)
      : data_(static_cast<T*>(std::aligned_alloc(64, (size * sizeof(T) + 63) / 64 * 64))) {
    std::fill(data_.get(), data_.get() + size, std::numeric_limits<T>::quiet_NaN());
  }
  T* data() { return data_.get(); }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
};

enum class Dx { kNone, kStored, kStoredWithSums, kAccumulated };

struct Wanted {
  bool sums = true;
  Dx dx = Dx::kStoredWithSums;
  bool dfilter = true;
  bool dpoint = true;
};

// Outputs with numbers before them that must be overwritten, or kept and added to.
template <typename T>
struct Outputs {
  Outputs(const SeparableShape& s, int64_t batch, const Wanted& wanted)
      : z(batch * s.out_height * s.out_width * s.out_channels, kNone),
        sums(batch * 2 * s.out_channels, kNone),
        dx(batch * s.height * s.width * s.in_channels, kNone),
        dx_sums(batch * 2 * s.in_channels, kNone),
        dfilter(Numbers<T>(s.kernel * s.kernel * s.in_channels, 11)),
        dpoint(Numbers<T>(s.in_channels * s.out_channels, 12)) {
    if (wanted.dx == Dx::kAccumulated) dx = Numbers<T>(dx.size(), 13);
  }

  static constexpr T kNone = std::numeric_limits<T>::quiet_NaN();
  std::vector<T> z;
  std::vector<double> sums;
  std::vector<T> dx;
  std::vector<double> dx_sums;
  std::vector<T> dfilter, dpoint;
};

template <typename T>
void RunBoth(const SeparableKernels<T>& kernels, const SeparableShape& s, const Inputs<T>& in,
             const Given& given, const Wanted& wanted, int64_t begin, int64_t end,
             Outputs<T>& out) {
  AlignedScratch<T> scratch(kernels.scratch(s));
  SeparableForward<T> forward;
  forward.x = in.x.data();
  if (given.scale) {
    forward.scale = in.scale.data();
    forward.shift = in.shift.data();
  }
  forward.filter = in.filter.data();
  forward.point = in.point.data();
  forward.z = out.z.data();
  if (wanted.sums) forward.sums = out.sums.data();
  kernels.forward(s, forward, scratch.data(), begin, end);

  SeparableBackward<T> backward;
  backward.dy = in.dy.data();
  if (given.dy_scale) backward.dy_scale = in.dy_scale.data();
  if (given.by_image) backward.dy_scale_step = s.out_channels;
  if (given.z) {
    backward.z = in.z.data();
    backward.z_scale = in.z_scale.data();
    backward.offset = in.offset.data();
  }
  backward.x = forward.x;
  backward.scale = forward.scale;
  backward.shift = forward.shift;
  backward.filter = forward.filter;
  backward.point = forward.point;
  if (wanted.dx != Dx::kNone) backward.dx = out.dx.data();
  backward.accumulate = wanted.dx == Dx::kAccumulated;
  if (wanted.dx == Dx::kStoredWithSums) backward.dx_sums = out.dx_sums.data();
  if (wanted.dfilter && s.kernel > 0) backward.dfilter = out.dfilter.data();
  if (wanted.dpoint) backward.dpoint = out.dpoint.data();
  kernels.backward(s, backward, scratch.data(), begin, end);
}

template <typename T>
std::vector<double> Sum(const std::vector<T>& a, const std::vector<double>& b) {
  std::vector<double> sum(b);
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += a[i];
  return sum;
}

template <typename T>
bool Untouched(const std::vector<T>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](T n) { return std::isnan(n); });
}

template <typename T>
void Check(const SeparableKernels<T>& kernels, const SeparableShape& s, int64_t batch,
           const Given& given, const std::vector<Wanted>& all_wanted) {
  SCOPED_TRACE(testing::Message() << s.height << "x" << s.width << "x" << s.in_channels << " to "
                                  << s.out_channels << " kernel " << s.kernel << " stride "
                                  << s.stride << " offset " << s.offset << " padding " << s.padding
                                  << " dilation " << s.dilation << " relu " << s.relu << " batch "
                                  << batch << " scale " << given.scale << " dy_scale "
                                  << given.dy_scale << " z " << given.z << " bytes " << sizeof(T));
  const Inputs<T> in(s, batch);
  const Expected expected = Compute(s, in, given, batch);
  for (const Wanted& wanted : all_wanted) {
    SCOPED_TRACE(testing::Message()
                 << "sums " << wanted.sums << " dx " << static_cast<int>(wanted.dx) << " dfilter "
                 << wanted.dfilter << " dpoint " << wanted.dpoint);
    const Outputs<T> before(s, batch, wanted);
    Outputs<T> out = before;
    RunBoth(kernels, s, in, given, wanted, 0, batch, out);
    ExpectNear(out.z, expected.z, "z");
    if (wanted.sums) {
      ExpectSumsNear<T>(out.sums, expected.sums, "sums");
    } else {
      EXPECT_TRUE(Untouched(out.sums));
    }
    switch (wanted.dx) {
      case Dx::kNone:
        EXPECT_TRUE(Untouched(out.dx));
        break;
      case Dx::kAccumulated:
        ExpectNear(out.dx, Sum(before.dx, expected.dx), "dx");
        break;
      default:
        ExpectNear(out.dx, expected.dx, "dx");
    }
    if (wanted.dx == Dx::kStoredWithSums) {
      ExpectSumsNear<T>(out.dx_sums, expected.dx_sums, "dx_sums");
    } else {
      EXPECT_TRUE(Untouched(out.dx_sums));
    }
    if (wanted.dfilter) {
      ExpectNear(out.dfilter, Sum(before.dfilter, expected.dfilter), "dfilter");
    } else {
      EXPECT_EQ(out.dfilter, before.dfilter);
    }
    if (wanted.dpoint) {
      ExpectNear(out.dpoint, Sum(before.dpoint, expected.dpoint), "dpoint");
    } else {
      EXPECT_EQ(out.dpoint, before.dpoint);
    }
    if (testing::Test::HasFailure()) return;
  }
}

enum class Isa { kAvx2, kAvx512 };

class SeparableKernelTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq");
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (GetParam() == Isa::kAvx512 ? !avx512 : !avx2) GTEST_SKIP() << "not of this processor";
  }

  template <typename T>
  SeparableKernels<T> Kernels() {
    return GetParam() == Isa::kAvx512 ? avx512::Separable<T>() : avx2::Separable<T>();
  }

  void CheckBoth(const SeparableShape& s, int64_t batch, const Given& given = {},
                 const std::vector<Wanted>& wanted = {Wanted{}}) {
    Check(Kernels<float>(), s, batch, given, wanted);
    Check(Kernels<double>(), s, batch, given, wanted);
  }
};

std::vector<Wanted> AllWanted() {
  std::vector<Wanted> all;
  for (const bool sums : {false, true}) {
    for (const Dx dx : {Dx::kNone, Dx::kStored, Dx::kStoredWithSums, Dx::kAccumulated}) {
      for (const bool dfilter : {false, true}) {
        for (const bool dpoint : {false, true}) all.push_back({sums, dx, dfilter, dpoint});
      }
    }
  }
  return all;
}

TEST_P(SeparableKernelTest, ComputesWhatIsWantedFromWhatIsGiven) {
  for (const int64_t stride : {1, 2}) {
    for (const bool relu : {false, true}) {
      const SeparableShape s = Shape(6, 5, 17, 12, 3, stride, 1, 1, relu);
      for (const bool scale : {false, true}) {
        for (const bool dy_scale : {false, true}) {
          for (const bool z : {false, true}) {
            CheckBoth(s, 2, Given{scale, dy_scale, z}, AllWanted());
            if (dy_scale) CheckBoth(s, 3, Given{scale, dy_scale, z, true}, AllWanted());
          }
        }
      }
    }
  }
}

TEST_P(SeparableKernelTest, HasWindowsOfAllShapes) {
  const std::pair<int64_t, int64_t> sizes[] = {{1, 1}, {7, 5}, {8, 8}, {9, 13}};
  const std::pair<int64_t, int64_t> channels[] = {{1, 3}, {16, 16}, {3, 1}, {17, 36}, {36, 17}};
  size_t next = 0;
  for (const int64_t kernel : {0, 1, 3, 5, 7, 4}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t dilation : {1, 2}) {
        const int64_t reach = kernel == 0 ? 0 : (kernel - 1) * dilation;
        for (const int64_t padding : {int64_t{0}, reach / 2, reach + 1}) {
          if (kernel == 0 && padding > 0) continue;
          for (const auto& [height, width] : sizes) {
            if (std::min(height, width) + 2 * padding <= reach) continue;
            const auto& [in, out] = channels[next++ % std::size(channels)];
            CheckBoth(Shape(height, width, in, out, kernel, stride, padding, dilation, next % 2),
                      1 + next % 2);
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST_P(SeparableKernelTest, ReadsPixelsFromAnOffsetOn) {
  const std::pair<int64_t, int64_t> sizes[] = {{1, 1}, {1, 2}, {7, 8}, {8, 7}, {16, 33}, {3, 70}};
  for (const auto& [height, width] : sizes) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t offset : {0, 1, 3}) {
        for (const bool relu : {false, true}) {
          SeparableShape s = Shape(height, width, 17, 36, 0, stride, 0, 1, relu);
          s.offset = offset;
          CheckBoth(s, 2, Given{}, AllWanted());
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_P(SeparableKernelTest, ShiftsAndHalvesAnImage) {
  SeparableShape s = Shape(3, 4, 1, 1, 0, 2, 0, 1, true);
  s.offset = 1;
  Inputs<float> in(s, 1);
  in.x = {9, 9, 9, 9, 9, 2, 9, -3, 9, 9, 9, 9};
  in.scale = {2};
  in.shift = {1};
  in.point = {3};
  in.dy = {5, 6, 7, 8};
  in.dy_scale = {1};
  in.z_scale = {0};
  in.offset = {0};
  Outputs<float> out(s, 1, Wanted{});
  out.dpoint = {0};
  RunBoth(Kernels<float>(), s, in, Given{}, Wanted{}, 0, 1, out);
  EXPECT_EQ(out.z, (std::vector<float>{15, 0, 0, 0}));
  EXPECT_EQ(out.dx, (std::vector<float>{0, 0, 0, 0, 0, 15, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(out.dx_sums, (std::vector<double>{15, 30}));
  EXPECT_EQ(out.dpoint, (std::vector<float>{25}));
}

TEST_P(SeparableKernelTest, HasAnyNumberOfChannels) {
  for (const int64_t in : {1, 2, 3, 7, 8, 12, 15, 16, 17, 24, 32, 33, 36, 48, 64}) {
    for (const int64_t out : {1, 3, 4, 12, 16, 17, 32, 36, 50, 64}) {
      CheckBoth(Shape(5, 4, in, out, 3, 1, 1, 1, true), 1);
      if (HasFailure()) return;
    }
  }
}

TEST_P(SeparableKernelTest, ComputesLargeImagesInParts) {
  for (const int64_t kernel : {0, 1, 3, 5}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t dilation : {1, 2}) {
        const int64_t reach = kernel == 0 ? 0 : (kernel - 1) * dilation;
        for (const int64_t padding : {int64_t{0}, reach / 2, reach}) {
          CheckBoth(Shape(41, 27, 19, 17, kernel, stride, padding, dilation, true), 2);
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_P(SeparableKernelTest, HasLargeWindowsAndImages) {
  CheckBoth(Shape(9, 9, 5, 4, SeparableShape::kMostKernel, 1, 7, 1, true), 1);
  CheckBoth(Shape(9, 9, 5, 4, SeparableShape::kMostKernel, 4, 14, 2, true), 1);
  CheckBoth(Shape(6, 150, 16, 9, 3, 1, 1, 1, true), 2);
  CheckBoth(Shape(150, 6, 9, 16, 5, 2, 2, 1, true), 2);
  CheckBoth(Shape(32, 32, 16, 16, 3, 1, 1, 1, true), 4);
  CheckBoth(Shape(1, 1, 16, 16, 0, 5, 0, 1, false), 3);
}

// The images of a call neither change each other nor those that are not of the call.
template <typename T>
void CheckImagesAlone(const SeparableKernels<T>& kernels, const SeparableShape& s) {
  constexpr int64_t kBatch = 3;
  const Inputs<T> in(s, kBatch);
  const Wanted wanted;
  const Outputs<T> before(s, kBatch, wanted);
  Outputs<T> together = before;
  RunBoth(kernels, s, in, Given{}, wanted, 0, kBatch, together);
  for (int64_t n = 0; n < kBatch; ++n) {
    Outputs<T> alone = before;
    RunBoth(kernels, s, in, Given{}, wanted, n, n + 1, alone);
    const auto compare = [&](const auto& one, const auto& all, const std::string& what) {
      const int64_t image = one.size() / kBatch;
      for (int64_t i = 0; i < static_cast<int64_t>(one.size()); ++i) {
        if (i / image == n) {
          ASSERT_EQ(one[i], all[i]) << what << " at " << i;
        } else {
          ASSERT_TRUE(std::isnan(one[i])) << what << " at " << i;
        }
      }
    };
    compare(alone.z, together.z, "z");
    compare(alone.sums, together.sums, "sums");
    compare(alone.dx, together.dx, "dx");
    compare(alone.dx_sums, together.dx_sums, "dx_sums");
  }
}

TEST_P(SeparableKernelTest, ComputesImagesAlone) {
  for (const int64_t kernel : {0, 3}) {
    for (const int64_t stride : {1, 2}) {
      for (const int64_t channels : {16, 19}) {
        const SeparableShape s =
            Shape(7, 9, channels, channels + 2, kernel, stride, kernel / 2, 1, true);
        CheckImagesAlone(Kernels<float>(), s);
        CheckImagesAlone(Kernels<double>(), s);
      }
    }
  }
}

TEST_P(SeparableKernelTest, ReluKeepsNotANumber) {
  const SeparableShape s = Shape(1, 1, 1, 1, 0, 1, 0, 1, true);
  Inputs<float> in(s, 1);
  in.x[0] = std::numeric_limits<float>::quiet_NaN();
  Outputs<float> out(s, 1, Wanted{});
  out.z[0] = 0;
  RunBoth(Kernels<float>(), s, in, Given{}, Wanted{}, 0, 1, out);
  EXPECT_TRUE(std::isnan(out.z[0]));
}

INSTANTIATE_TEST_SUITE_P(Isas, SeparableKernelTest, testing::Values(Isa::kAvx2, Isa::kAvx512),
                         [](const testing::TestParamInfo<Isa>& isa) {
                           return isa.param == Isa::kAvx512 ? "avx512" : "avx2";
                         });

}  // namespace
}  // namespace nasc::fused
