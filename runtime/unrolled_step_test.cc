#include "runtime/unrolled_step.h"

#include <ATen/ops/dot.h>
#include <torch/csrc/autograd/autograd.h>

#include "gtest/gtest.h"
#include "runtime/test_kernels.h"

namespace nasc {
namespace {

constexpr double kRate = 0.1;

// Losses of weights w and a decision a that are quadratic in w, so that the finite difference is
// exact but for rounding.
struct Problem {
  at::Tensor w = Values({0.5, -1, 2}).set_requires_grad(true);
  at::Tensor a = Values({0.3, 0.7, -0.4}).set_requires_grad(true);

  at::Tensor Training(const at::Tensor& weights) const {
    return weights.square().mul(a.exp()).sum().add(weights.mul(a).sum());
  }
  at::Tensor Validation(const at::Tensor& weights) const {
    return weights.sub(1).square().sum().mul(a.square().sum());
  }
};

absl::Status Backward(const at::Tensor& loss) {
  loss.backward();
  return absl::OkStatus();
}

TEST(UnrolledStepTest, IsTheGradientThroughAStepOfTheWeights) {
  // With autograd through the step.
  const Problem exact;
  const at::Tensor by_w = torch::autograd::grad({exact.Training(exact.w)}, {exact.w}, {},
                                                /*retain_graph=*/true, /*create_graph=*/true)[0];
  const at::Tensor stepped = exact.w.sub(by_w, kRate);
  const at::Tensor expected = torch::autograd::grad({exact.Validation(stepped)}, {exact.a}, {})[0];

  Problem problem;
  UnrolledStep step;
  step.weights = {problem.w};
  step.logits = {problem.a};
  step.rate = kRate;
  step.training_by_weights = [&] { return Backward(problem.Training(problem.w)); };
  step.training_by_decisions = [&] { return Backward(problem.Training(problem.w)); };
  step.validation_by_both = [&] { return Backward(problem.Validation(problem.w)); };
  step.preview = [&] {
    const at::NoGradGuard no_grad;
    problem.w.sub_(problem.w.grad(), kRate);
  };
  ASSERT_TRUE(SetUnrolledGradients(step).ok());
  EXPECT_LT(problem.a.grad().sub(expected).abs().max().item<double>(), 1e-8);
  EXPECT_TRUE(problem.w.detach().equal(exact.w.detach()));
}

TEST(UnrolledStepTest, AnErrorLeavesTheWeights) {
  Problem problem;
  const at::Tensor before = problem.w.detach().clone();
  UnrolledStep step;
  step.weights = {problem.w};
  step.logits = {problem.a};
  step.training_by_weights = [&] { return Backward(problem.Training(problem.w)); };
  step.validation_by_both = [] { return absl::OutOfRangeError("not finite"); };
  step.preview = [&] {
    const at::NoGradGuard no_grad;
    problem.w.add_(1);
  };
  EXPECT_EQ(SetUnrolledGradients(step).message(), "not finite");
  EXPECT_TRUE(problem.w.detach().equal(before));
}

}  // namespace
}  // namespace nasc
