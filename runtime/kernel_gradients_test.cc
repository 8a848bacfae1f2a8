#include <ATen/core/Tensor.h>

#include "gtest/gtest.h"
#include "runtime/test_gradients.h"
#include "runtime/test_kernels.h"

namespace nasc {
namespace {

TEST(KernelGradientsTest, AreThoseOfTheValues) {
  const Attributes strided = Window{3, 2, 2, 2}.OfConv();
  const Attributes pooled = Window{3, 2, 1, 1}.OfPool();
  ExpectGradients("conv", {Images()}, strided, {Random({4, 3, 3, 3}, 2), Random({4}, 3)}, 2);
  ExpectGradients("depthwise", {Images()}, strided, {Random({3, 1, 3, 3}, 2)}, 1);
  ExpectGradients("conv", {Images()}, Window{1, 2, 0, 1, 3, 1}.OfConv(),
                  {Random({4, 3, 1, 3}, 2), Random({4}, 3)}, 2);
  // Its pixels are picked before it is computed.
  const Attributes strided_point = {{"kernel", int64_t{1}},
                                    {"stride", int64_t{2}},
                                    {"padding", int64_t{0}},
                                    {"dilation", int64_t{1}},
                                    {"padding_width", int64_t{0}}};
  ExpectGradients("conv", {Images()}, strided_point, {Random({4, 3, 1, 1}, 2)}, 1);
  ExpectGradients("linear", {Random({2, 6}, 1)}, {}, {Random({4, 6}, 2), Random({4}, 3)}, 2);
  ExpectGradients("max_pool", {Images()}, pooled);
  ExpectGradients("avg_pool", {Images()}, pooled);
  ExpectGradients("global_avg_pool", {Images()});
  ExpectGradients("shift", {Images()}, {{"rows", int64_t{1}}, {"columns", int64_t{2}}});
  ExpectGradients("slice", {Images(4)}, {{"first", int64_t{1}}, {"channels", int64_t{2}}});
  ExpectGradients("channel_shuffle", {Images(6)}, {{"groups", int64_t{3}}});
  for (const bool training : {false, true}) {
    ForwardMode mode;
    mode.training = training;
    ExpectGradients(
        "bn", {Images()}, {{"affine", int64_t{1}}},
        {Values({0.5, -2, 3}), Values({1, 0, -1}), Values({1, 2, 3}), Values({1, 4, 9})}, 2, mode);
  }
  for (const bool training : {false, true}) {
    ForwardMode mode;
    mode.training = training;
    ExpectGradients("bn", {Random({4, 3}, 1)}, {{"affine", int64_t{0}}},
                    {Values({1, 2, 3}), Values({1, 4, 9})}, 0, mode);
  }
  for (const at::Tensor& x : {Images(), Random({4, 3}, 1)}) {
    ExpectGradients("layer_norm", {x}, {{"affine", int64_t{1}}},
                    {Values({0.5, -2, 3}), Values({1, 0, -1})}, 2);
  }
  ExpectGradients("adaptive_avg_pool", {Images()}, {{"size", int64_t{3}}});
  ExpectGradients("tanh", {Images()});
  ExpectGradients("power", {Random({2, 5}, 1)}, {{"exponent", int64_t{3}}});
  ExpectGradients("column", {Random({2, 5}, 1)}, {{"index", int64_t{3}}});
  ExpectGradients("affine", {Images(3, 1), Images(3, 2)}, {}, {Values({0.5, -2}), Values({3})}, 2);
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
