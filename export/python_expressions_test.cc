#include "export/python_expressions.h"

#include "absl/strings/match.h"
#include "compiler/primitives.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

ProgramStep StepOf(const Primitive& primitive) {
  ProgramStep step;
  step.name = "a.step";
  step.op = primitive.name;
  for (const AttributeSpec& attribute : primitive.attributes) {
    if (attribute.whole) {
      step.attributes.emplace_back(attribute.name, int64_t{3});
    } else {
      step.attributes.emplace_back(attribute.name, 0.5);
    }
  }
  return step;
}

TEST(PythonExpressionsTest, EveryPrimitiveHasOneWhoseWordsAreKnown) {
  for (const Primitive& primitive : Primitives()) {
    if (primitive.form != Primitive::Form::kUnary && primitive.form != Primitive::Form::kCombiner) {
      continue;
    }
    const ProgramStep step = StepOf(primitive);
    const auto expression = PythonExpression({step, {"a", "b"}, {}, {-1, 4, 8, 8}});
    ASSERT_TRUE(expression.ok()) << expression.status();
    EXPECT_FALSE(absl::StrContains(*expression, "{")) << *expression;
  }
}

TEST(PythonExpressionsTest, PutsWordsIn) {
  ProgramStep step;
  step.op = "affine";
  const auto expression =
      PythonExpression({step, {"a", "b"}, {{"weight", "self.w"}, {"bias", "self.c"}}, {-1, 1}});
  EXPECT_EQ(*expression, "self.c + a * self.w[0] + b * self.w[1]");
}

TEST(PythonExpressionsTest, AWeightThatIsNotThereIsNone) {
  ProgramStep step;
  step.op = "linear";
  step.attributes.emplace_back("bias", int64_t{0});
  const auto expression = PythonExpression({step, {"a"}, {{"weight", "self.w"}}, {-1, 10}});
  EXPECT_EQ(*expression, "F.linear(torch.flatten(a, 1), self.w, None)");
}

// As a library of a user registers one.
const PythonRegistration registration("roll", "torch.roll({x}, {by}, 1)");

TEST(PythonExpressionsTest, RegisteredFormsAreTaken) {
  ProgramStep step;
  step.op = "roll";
  step.attributes.emplace_back("by", int64_t{2});
  EXPECT_EQ(*PythonExpression({step, {"a"}, {}, {-1, 4}}), "torch.roll(a, 2, 1)");
}

TEST(PythonExpressionsDeathTest, FormsAreRegisteredOnce) {
  EXPECT_DEATH(PythonRegistration("conv", "{x}"), "two forms in Python of conv");
}

TEST(PythonExpressionsTest, SaysWhatItDoesNotKnow) {
  ProgramStep step;
  step.name = "cell.n0";
  step.op = "mix";
  EXPECT_EQ(PythonExpression({step, {"a"}, {}, {-1, 1}}).status().message(),
            "cell.n0: no form in Python of 'mix'");
}

}  // namespace
}  // namespace nasc
