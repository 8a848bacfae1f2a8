#include "runtime/soft_targets.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

constexpr int64_t kClasses = 4;

// Rows whose first feature is their place.
Batch Rows() {
  Batch batch;
  batch.inputs = at::arange(6, at::kDouble).reshape({3, 2}).div(2).floor();
  batch.targets = at::tensor(std::vector<int64_t>{2, 0, 3}, at::kLong);
  return batch;
}

TEST(SoftTargetsTest, LabelsAreSmoothed) {
  Batch batch = Rows();
  const at::Tensor inputs = batch.inputs.clone();
  SoftenTargets({0.2, 0}, kClasses, 1, 0, batch);
  const at::Tensor expected = at::tensor(
      std::vector<double>{0.05, 0.05, 0.85, 0.05, 0.85, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.85},
      at::kDouble);
  EXPECT_LT(batch.soft_targets.sub(expected.view({3, 4})).abs().max().item<double>(), 1e-15);
  EXPECT_TRUE(batch.inputs.equal(inputs));
}

TEST(SoftTargetsTest, InputsAndTargetsAreMixedAlike) {
  int changed = 0;
  for (int64_t step = 0; step < 20; ++step) {
    Batch batch = Rows();
    Batch again = Rows();
    SoftenTargets({0, 1}, kClasses, 1, step, batch);
    SoftenTargets({0, 1}, kClasses, 1, step, again);
    EXPECT_TRUE(batch.inputs.equal(again.inputs));
    const at::Tensor sums = batch.soft_targets.sum(1);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(sums[i].item<double>(), 1, 1e-12);
      // The place, mixed, is what the labels of the places are mixed by.
      const double place = batch.inputs[i][0].item<double>();
      const auto part = [&](int64_t label) { return batch.soft_targets[i][label].item<double>(); };
      EXPECT_NEAR(place, part(0) * 1 + part(3) * 2, 1e-12);
      EXPECT_GE(part(batch.targets[i].item<int64_t>()), 0.5 - 1e-12);
      if (part(batch.targets[i].item<int64_t>()) < 1) ++changed;
    }
  }
  EXPECT_GT(changed, 10);
}

// Beta(a, a) has the mean 1/2 and the variance 1 / (8 a + 4).
TEST(SoftTargetsTest, DrawsBeta) {
  constexpr int kDraws = 20000;
  for (const double a : {0.001, 0.2, 1.0, 4.0}) {
    Rng rng(3);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = DrawBeta(a, rng);
      ASSERT_TRUE(x >= 0 && x <= 1) << x;
      sum += x;
      squares += (x - 0.5) * (x - 0.5);
    }
    EXPECT_NEAR(sum / kDraws, 0.5, 0.015) << a;
    EXPECT_NEAR(squares / kDraws, 1 / (8 * a + 4), 0.01) << a;
  }
}

}  // namespace
}  // namespace nasc
