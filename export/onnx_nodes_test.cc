#include "export/onnx_nodes.h"

#include "compiler/primitives.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

TEST(OnnxNodesTest, EveryPrimitiveMakesAValueOfItsName) {
  for (const Primitive& primitive : Primitives()) {
    if (primitive.form != Primitive::Form::kUnary && primitive.form != Primitive::Form::kCombiner) {
      continue;
    }
    ProgramStep step;
    step.name = "cell.step";
    step.op = primitive.name;
    for (const AttributeSpec& attribute : primitive.attributes) {
      step.attributes.emplace_back(attribute.name, int64_t{2});
    }
    onnx::GraphProto proto;
    OnnxGraph graph(proto);
    const absl::Status status =
        AddOnnxNodes({step, {"a", "b"}, {}, {-1, 4, 8, 8}, {-1, 4, 8, 8}}, graph);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_GT(proto.node_size(), 0) << primitive.name;
    EXPECT_EQ(proto.node(proto.node_size() - 1).output(0), "cell.step") << primitive.name;
  }
}

// As a library of a user registers one.
void Absolute(const OnnxStep& step, OnnxGraph& graph) {
  graph.Node("Abs", step.inputs, step.step.name);
}
const OnnxRegistration registration("absolute", Absolute);

TEST(OnnxNodesTest, RegisteredFormsAreTaken) {
  ProgramStep step;
  step.name = "cell.n0";
  step.op = "absolute";
  onnx::GraphProto proto;
  OnnxGraph graph(proto);
  const absl::Status status = AddOnnxNodes({step, {"a"}, {}, {-1, 1}, {-1, 1}}, graph);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(proto.node_size(), 1);
  EXPECT_EQ(proto.node(0).op_type(), "Abs");
  EXPECT_EQ(proto.node(0).output(0), "cell.n0");
}

TEST(OnnxNodesDeathTest, FormsAreRegisteredOnce) {
  EXPECT_DEATH(OnnxRegistration("conv", Absolute), "two forms in ONNX of conv");
}

TEST(OnnxNodesTest, SaysWhatItDoesNotKnow) {
  ProgramStep step;
  step.name = "cell.n0";
  step.op = "mix";
  onnx::GraphProto proto;
  OnnxGraph graph(proto);
  EXPECT_EQ(AddOnnxNodes({step, {"a"}, {}, {-1, 1}, {-1, 1}}, graph).message(),
            "cell.n0: no form in ONNX of 'mix'");
}

}  // namespace
}  // namespace nasc
