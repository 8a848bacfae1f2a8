#include "runtime/fused/depthwise.h"

#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/fused/isa.h"
#include "runtime/test_kernels.h"

namespace nasc::fused {
namespace {

struct Case {
  int64_t batch, channels, height, width, kernel, stride, padding, dilation;
};

// The numbers of channels take whole vectors, half ones, and single lanes.
const Case kCases[] = {
    {2, 16, 9, 9, 3, 1, 1, 1},  {1, 16, 8, 8, 5, 1, 2, 1},   {3, 24, 7, 5, 3, 1, 2, 2},
    {2, 16, 9, 6, 5, 1, 4, 2},  {2, 17, 9, 9, 3, 2, 1, 1},   {1, 3, 11, 7, 5, 2, 2, 1},
    {2, 7, 9, 9, 5, 2, 4, 2},   {2, 33, 6, 6, 7, 1, 3, 1},   {1, 5, 3, 2, 5, 1, 2, 1},
    {2, 8, 12, 12, 1, 1, 0, 1}, {1, 12, 13, 13, 9, 3, 4, 1}, {2, 4, 6, 6, 3, 1, 4, 1},
    {1, 1, 1, 1, 3, 1, 1, 1},   {2, 6, 10, 10, 3, 1, 0, 1},
};

std::string Name(const Case& c) {
  std::string name;
  for (const int64_t n :
       {c.batch, c.channels, c.height, c.width, c.kernel, c.stride, c.padding, c.dilation}) {
    name += std::to_string(n) + " ";
  }
  return name;
}

struct Values {
  at::Tensor y, dx, dw;
};

struct Inputs {
  explicit Inputs(const Case& c)
      : x(Random({c.batch, c.channels, c.height, c.width}, 1)
              .contiguous(at::MemoryFormat::ChannelsLast)),
        w(Random({c.channels, 1, c.kernel, c.kernel}, 2)) {}
  at::Tensor x, w;
};

at::Tensor GradientLike(const at::Tensor& y) {
  return Random(y.sizes().vec(), 3).contiguous(at::MemoryFormat::ChannelsLast).to(y.dtype());
}

Values Exact(const Case& c) {
  const Inputs inputs(c);
  const at::Tensor x = inputs.x.set_requires_grad(true);
  const at::Tensor w = inputs.w.set_requires_grad(true);
  const at::Tensor y = at::conv2d(x, w, {}, c.stride, c.padding, c.dilation, c.channels);
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({y}, {x, w}, {GradientLike(y.detach())});
  return {y.detach(), gradients[0], gradients[1]};
}

Values Own(const Case& c, at::ScalarType type) {
  const Inputs inputs(c);
  const at::Tensor x = inputs.x.to(type);
  const at::Tensor w = inputs.w.to(type);
  const DepthwiseOptions options = {c.stride, c.padding, c.dilation};
  const at::Tensor y = Depthwise(x, w, options);
  const DepthwiseGradients made =
      GradientsOfDepthwise(x, w, GradientLike(y), options, /*by_x=*/true, /*by_filters=*/true);
  return {y, made.x, made.filters};
}

double Difference(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor exact = b.to(at::kDouble);
  return a.to(at::kDouble).sub(exact).abs().max().item<double>() / exact.abs().max().item<double>();
}

std::vector<std::string> IsasHere() {
  std::vector<std::string> isas;
  for (const char* isa : {"avx2", "avx512"}) {
    if (SetIsa(isa).ok()) isas.emplace_back(isa);
  }
  EXPECT_TRUE(SetIsa("best").ok());
  return isas;
}

class DepthwiseTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { ASSERT_TRUE(SetIsa(GetParam()).ok()); }
  void TearDown() override { ASSERT_TRUE(SetIsa("best").ok()); }
};

TEST_P(DepthwiseTest, IsThatOfLibTorch) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(Name(c));
    const Values exact = Exact(c);
    for (const auto& [type, most] : {std::pair(at::kDouble, 1e-13), std::pair(at::kFloat, 1e-5)}) {
      const Values own = Own(c, type);
      EXPECT_TRUE(own.y.is_contiguous(at::MemoryFormat::ChannelsLast));
      EXPECT_LT(Difference(own.y, exact.y), most);
      EXPECT_LT(Difference(own.dx, exact.dx), most);
      EXPECT_LT(Difference(own.dw, exact.dw), most);
    }
  }
}

TEST_P(DepthwiseTest, ThreadsChangeNoBit) {
  const Case c = {8, 19, 10, 10, 5, 1, 2, 1};
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Values one = Own(c, at::kFloat);
  for (const int threads : {2, 4}) {
    at::set_num_threads(threads);
    const Values more = Own(c, at::kFloat);
    EXPECT_TRUE(more.y.equal(one.y));
    EXPECT_TRUE(more.dx.equal(one.dx));
    EXPECT_TRUE(more.dw.equal(one.dw));
  }
  at::set_num_threads(before);
}

INSTANTIATE_TEST_SUITE_P(Isas, DepthwiseTest, testing::ValuesIn(IsasHere()),
                         [](const auto& info) { return info.param; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DepthwiseTest);

TEST(CoversDepthwiseTest, OneFilterAChannel) {
  if (CurrentIsa() == Isa::kNone) GTEST_SKIP() << "no vector instructions";
  EXPECT_TRUE(CoversDepthwise(Images(3), Random({3, 1, 3, 3}, 1)));
  EXPECT_FALSE(CoversDepthwise(Images(3), Random({6, 1, 3, 3}, 1)));
  EXPECT_FALSE(CoversDepthwise(Images(3), Random({3, 1, 3, 1}, 1)));
  EXPECT_FALSE(CoversDepthwise(Images(3).to(at::kHalf), Random({3, 1, 3, 3}, 1)));
  ASSERT_TRUE(SetIsa("none").ok());
  EXPECT_FALSE(CoversDepthwise(Images(3), Random({3, 1, 3, 3}, 1)));
  ASSERT_TRUE(SetIsa("best").ok());
}

TEST(IsaTest, UnknownNamesAreRefused) {
  EXPECT_EQ(SetIsa("sse9").message(),
            "no instruction set is called 'sse9': none, avx2, avx512 or best");
}

}  // namespace
}  // namespace nasc::fused
