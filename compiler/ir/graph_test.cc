#include "compiler/ir/graph.h"

#include "absl/strings/string_view.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "gtest/gtest.h"

namespace nasc::ir {
namespace {

constexpr absl::string_view kLive = R"(supernet @t version 1.0.0 scale s {
  decision @d : one of [a, b]
  weight @fc.weight : f32[10,3] init fan_in 3
  %unused = input { channels = 3, height = 4, width = 4 } : f32[N,3,4,4]
  %image = input { channels = 3, height = 8, width = 8 } : f32[N,3,8,8]
  %pool = global_avg_pool(%image) : f32[N,3,1,1]
  %fc = linear(%pool, @fc.weight) { features = 10, bias = 0 } : f32[N,10]
  return logits %fc weight 1.0
}
)";

TEST(GraphTest, FindsAttributes) {
  Instruction instruction;
  instruction.attributes = {{"kernel", Dim(3)}, {"rate", 0.25}};
  EXPECT_EQ(WholeAttribute(instruction, "kernel"), 3);
  EXPECT_EQ(RealAttribute(instruction, "rate"), 0.25);
  EXPECT_NE(FindAttribute(instruction, "rate"), nullptr);
  EXPECT_EQ(FindAttribute(instruction, "stride"), nullptr);
}

TEST(GraphDeathTest, WantsAttributesOfTheirKind) {
  Instruction instruction;
  instruction.name = "stem";
  instruction.attributes = {{"kernel", Dim(Diagram<int64_t>::Choice({0, -1}, {3, 5}))},
                            {"rate", 0.25}};
  EXPECT_DEATH(WholeAttribute(instruction, "kernel"), "depends on a decision");
  EXPECT_DEATH(WholeAttribute(instruction, "rate"), "another kind");
  EXPECT_DEATH(RealAttribute(instruction, "stride"), "stem has no attribute stride");
}

TEST(GraphTest, KeepsWhatIsNeededAndTheInputs) {
  Graph graph = *ParseGraph(kLive);
  EXPECT_FALSE(RemoveDead(graph));
  EXPECT_EQ(Print(graph), kLive);
}

TEST(GraphTest, RemovesWhatNoResultNeeds) {
  Graph graph = *ParseGraph(R"(supernet @t version 1.0.0 scale s {
  decision @d : one of [a, b]
  buffer @bn.running_mean : f32[3] init zeros
  weight @fc.weight : f32[10,3] init fan_in 3
  weight @loose : f32[1] init ones
  %unused = input { channels = 3, height = 4, width = 4 } : f32[N,3,4,4]
  %dead = relu(%unused) : f32[N,3,4,4]
  %image = input { channels = 3, height = 8, width = 8 } : f32[N,3,8,8]
  %bn = bn(%image, @bn.running_mean) { affine = 0 } : f32[N,3,8,8]
  %dead.sum = sum(%image, %bn) : f32[N,3,8,8]
  %pool = global_avg_pool(%image) : f32[N,3,1,1]
  %fc = linear(%pool, @fc.weight) { features = 10, bias = 0 } : f32[N,10]
  return logits %fc weight 1.0
})");
  EXPECT_TRUE(RemoveDead(graph));
  EXPECT_EQ(Print(graph), kLive);
  EXPECT_FALSE(RemoveDead(graph));
}

// A weight may be left over by itself.
TEST(GraphTest, RemovesUnnamedParams) {
  Graph graph = *ParseGraph(kLive);
  graph.params.insert(graph.params.begin(), Param());
  graph.instructions.back().params = {1};
  EXPECT_TRUE(RemoveDead(graph));
  EXPECT_EQ(Print(graph), kLive);
}

}  // namespace
}  // namespace nasc::ir
