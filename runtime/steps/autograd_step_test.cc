// How the gradients of primitives are computed that have no step of their own.
#include "gtest/gtest.h"
#include "runtime/steps/step_kernel.h"
#include "runtime/test_kernels.h"

namespace nasc {
namespace {

// Of a gradient that is plainly not autograd's: the steps show whose they are.
at::Tensor Scaled(const KernelArgs& args) { return args.inputs[0].mul(args.params[0]); }
Tensors OtherGradient(const KernelArgs& args, const at::Tensor& dy) {
  return {dy.mul(args.inputs[0]), dy.sum().add(static_cast<double>(args.shape->at(0)))};
}
const KernelRegistration by_autograd("scaled", Scaled);
const KernelRegistration by_itself("scaled_otherwise", Scaled, OtherGradient);

// The gradients of x = (1, 2), times 3, whose result has the gradient (5, 7).
Tensors GradientsOf(const char* op, std::vector<int> outputs) {
  const Program program;
  ProgramStep step;
  step.op = op;
  step.outputs = std::move(outputs);
  const at::Tensor targets;
  return FindStepKernel(op)(
      {program, step, {Values({1, 2}), Values({5, 7})}, {Values({3})}, {}, targets});
}

TEST(AutogradStepTest, TakesAutogradWhereNoGradientIsRegistered) {
  const Tensors made = GradientsOf("autograd.scaled", {0, 1});
  ASSERT_EQ(made.size(), 2u);
  EXPECT_TRUE(made[0].equal(Values({15, 21})));
  EXPECT_TRUE(made[1].equal(Values({19})));
}

TEST(AutogradStepTest, GivesWhatIsWanted) {
  const Tensors made = GradientsOf("autograd.scaled", {-1, 1});
  EXPECT_FALSE(made[0].defined());
  EXPECT_TRUE(made[1].equal(Values({19})));
}

TEST(AutogradStepTest, TakesTheRegisteredGradient) {
  const Tensors made = GradientsOf("autograd.scaled_otherwise", {0, 1});
  ASSERT_EQ(made.size(), 2u);
  EXPECT_TRUE(made[0].equal(Values({5, 14})));
  EXPECT_EQ(made[1].item<double>(), 14);  // 12, and the size of the result
}

}  // namespace
}  // namespace nasc
