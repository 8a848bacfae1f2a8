#include "compiler/primitives.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/primitive_rules.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using Form = Primitive::Form;

// As a library of a user registers one.
const PrimitiveRegistration registration(
    {"swish", Form::kUnary, {}, SameShape, nullptr, nullptr, Always, "x * sigmoid(x)"});

TEST(PrimitivesTest, RegisteredOnesAreOperations) {
  const Primitive* swish = FindPrimitive("swish");
  ASSERT_NE(swish, nullptr);
  EXPECT_EQ(&Primitives().back(), swish);
  EXPECT_NE(LanguageVocabulary().Find("swish"), nullptr);
  EXPECT_EQ(ShapeInWords(*swish), "the shape of its input");  // the rule's own words
}

absl::StatusOr<ir::TensorType> OwnShape(const ir::Graph& graph,
                                        const ir::Instruction& instruction) {
  return Operand(graph, instruction);
}

TEST(PrimitivesTest, WordsOfOwnRulesAreGivenWithThem) {
  const Primitive own{"own",          Form::kUnary, {},    OwnShape,       nullptr,
                      nullptr,        nullptr,      "doc", Algebra::kNone, "what goes in",
                      "one a channel"};
  EXPECT_EQ(ShapeInWords(own), "what goes in");
  EXPECT_EQ(WeightsInWords(own), "one a channel");
}

TEST(PrimitivesDeathTest, WhatIsRegisteredIsWhole) {
  const auto add = [](const char* name, Form form, ShapeRule shape) {
    PrimitiveRegistration({name, form, {}, shape, nullptr, nullptr, nullptr, "doc"});
  };
  EXPECT_DEATH(add("conv", Form::kUnary, SameShape), "two primitives are named conv");
  EXPECT_DEATH(add("own", Form::kControl, SameShape), "own: operations are unary or combiners");
  EXPECT_DEATH(add("own", Form::kUnary, nullptr), "own: no shape rule");
  EXPECT_DEATH(add("own", Form::kUnary, OwnShape), "own: no words for its shape");
}

bool ZeroToZero(const std::string& op, const std::string& attribute = "", int64_t value = 0) {
  ir::Instruction instruction;
  instruction.op = op;
  if (!attribute.empty()) instruction.attributes.push_back({attribute, ir::Dim(value)});
  const Primitive* primitive = FindPrimitive(op);
  return primitive->zero_to_zero != nullptr && primitive->zero_to_zero(instruction);
}

TEST(PrimitivesTest, AreNamedOnceAndDocumented) {
  std::set<std::string> names;
  for (const Primitive& primitive : Primitives()) {
    EXPECT_TRUE(names.insert(primitive.name).second) << primitive.name;
    EXPECT_EQ(FindPrimitive(primitive.name), &primitive);
    EXPECT_FALSE(primitive.doc.empty()) << primitive.name;
    EXPECT_NE(primitive.shape, nullptr) << primitive.name;
    std::set<std::string> attributes;
    for (const AttributeSpec& attribute : primitive.attributes) {
      const std::string what = absl::StrCat(primitive.name, " ", attribute.name);
      EXPECT_TRUE(attributes.insert(attribute.name).second) << what;
      EXPECT_LT(attribute.least, attribute.most) << what;
      EXPECT_FALSE(attribute.doc.empty()) << what;
    }
  }
  EXPECT_EQ(FindPrimitive("convv"), nullptr);
}

TEST(PrimitivesTest, OnlyOperationsAreInTheLanguage) {
  for (const Primitive& primitive : Primitives()) {
    const bool written = primitive.form == Form::kUnary || primitive.form == Form::kCombiner;
    EXPECT_EQ(LanguageVocabulary().Find(primitive.name) != nullptr, written) << primitive.name;
  }
}

TEST(PrimitivesTest, ZerosInGiveZerosOut) {
  for (const char* op : {"depthwise", "relu", "relu6", "tanh", "power", "max_pool", "avg_pool",
                         "global_avg_pool", "adaptive_avg_pool", "shift", "flatten", "column",
                         "identity", "none", "dropout", "drop_path", "sum", "multiply", "concat"}) {
    EXPECT_TRUE(ZeroToZero(op)) << op;
  }
  for (const char* op : {"slice", "channel_shuffle"}) EXPECT_TRUE(ZeroToZero(op)) << op;
  for (const char* op : {"sigmoid", "affine", "input", "features", "logits", "softmax"}) {
    EXPECT_FALSE(ZeroToZero(op)) << op;
  }
  for (const char* op : {"conv", "linear"}) {
    EXPECT_TRUE(ZeroToZero(op, "bias", 0)) << op;
    EXPECT_FALSE(ZeroToZero(op, "bias", 1)) << op;
  }
  for (const char* op : {"bn", "layer_norm"}) {
    EXPECT_TRUE(ZeroToZero(op, "affine", 0)) << op;
    EXPECT_FALSE(ZeroToZero(op, "affine", 1)) << op;
  }
}

}  // namespace
}  // namespace nasc
