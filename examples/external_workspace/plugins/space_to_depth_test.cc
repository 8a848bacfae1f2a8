#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/verifier.h"
#include "export/python_expressions.h"
#include "gtest/gtest.h"
#include "runtime/test_gradients.h"
#include "runtime/test_kernels.h"

namespace nasc {
namespace {

const Attributes kTwo = {{"block", int64_t{2}}};

at::Tensor Image() { return Random({2, 3, 4, 6}, 1).contiguous(at::MemoryFormat::ChannelsLast); }

// What the verifier says of blocks of 2 in 3x4xWIDTH images; "" where their type is right.
std::string SaysOf(int width, const std::string& type) {
  const absl::StatusOr<ir::Graph> graph = ir::ParseGraph(absl::StrCat(
      "supernet @tiny version 1.0.0 scale small {\n"
      "  %x = input { channels = 3, height = 4, width = ",
      width, " } : f32[N,3,4,", width, "]\n  %y = space_to_depth(%x) { block = 2 } : ", type,
      "\n  %z = flatten(%y) {} : f32[N,72]\n  return logits %z weight 1.0\n}\n"));
  return std::string(graph.ok() ? ir::Verify(*graph).message() : graph.status().message());
}

TEST(SpaceToDepthTest, DividesTheSizes) {
  EXPECT_EQ(SaysOf(6, "f32[N,12,2,3]"), "");
  EXPECT_NE(SaysOf(6, "f32[N,12,2,6]"), "");
  EXPECT_EQ(SaysOf(7, "f32[N,12,2,3]"),
            "instruction '%y' (space_to_depth): 7 pixels do not make blocks of 2");
}

TEST(SpaceToDepthTest, MovesEachBlockIntoChannels) {
  const at::Tensor x = Image();
  const at::Tensor y = Compute("space_to_depth", {x}, kTwo);
  ASSERT_EQ(y.sizes().vec(), (std::vector<int64_t>{2, 12, 2, 3}));
  for (int64_t channel = 0; channel < 3; ++channel) {
    for (int64_t row = 0; row < 4; ++row) {
      for (int64_t column = 0; column < 6; ++column) {
        const int64_t moved = channel * 4 + row % 2 * 2 + column % 2;
        EXPECT_EQ(y[1][moved][row / 2][column / 2].item<double>(),
                  x[1][channel][row][column].item<double>());
      }
    }
  }
}

TEST(SpaceToDepthTest, HasTheGradientOfItsValues) {
  ExpectGradients("space_to_depth", {Image()}, kTwo);
}

TEST(SpaceToDepthTest, HasAFormInPython) {
  ProgramStep step;
  step.op = "space_to_depth";
  step.attributes = kTwo;
  EXPECT_EQ(*PythonExpression({step, {"a"}, {}, {-1, 12, 2, 3}}), "F.pixel_unshuffle(a, 2)");
}

}  // namespace
}  // namespace nasc
