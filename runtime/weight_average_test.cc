#include "runtime/weight_average.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>

#include <algorithm>

#include "gtest/gtest.h"

namespace nasc {
namespace {

class WeightAverageTest : public testing::Test {
 protected:
  WeightAverageTest() {
    store_.Put("w", ir::Param::Role::kWeight, at::full({2}, 1.0, at::kDouble));
    store_.Put("running_mean", ir::Param::Role::kBuffer, at::full({2}, 1.0, at::kDouble));
  }

  void Set(double value) {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : store_.tensors()) tensor.fill_(value);
  }

  double Value(const std::string& name) const {
    return store_.tensors().at(name)[1].item<double>();
  }

  ParameterStore store_{at::kDouble, 1};
};

TEST_F(WeightAverageTest, FollowsWeightsAndStatistics) {
  WeightAverage average(store_, 0.2);
  double expected = 1;
  for (int t = 0; t < 5; ++t) {
    Set(10.0 * t);
    average.Update();
    const double decay = std::min(0.2, (1.0 + t) / (10.0 + t));
    expected = decay * expected + (1 - decay) * 10.0 * t;
  }
  average.Exchange();
  EXPECT_NEAR(Value("w"), expected, 1e-12);
  EXPECT_NEAR(Value("running_mean"), expected, 1e-12);
  average.Exchange();
  EXPECT_EQ(Value("w"), 40);
}

TEST_F(WeightAverageTest, GoesOnFromWhatWasSaved) {
  WeightAverage whole(store_, 0.9);
  Set(5);
  whole.Update();
  WeightAverage resumed(store_, 0.9);
  ASSERT_TRUE(resumed.Restore(whole.Save()).ok());
  Set(7);
  whole.Update();
  resumed.Update();
  whole.Exchange();
  const double expected = Value("w");
  whole.Exchange();
  resumed.Exchange();
  EXPECT_EQ(Value("w"), expected);
  EXPECT_EQ(resumed.Restore({}).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace nasc
