#include "runtime/optimizer.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

constexpr double kTolerance = 1e-13;
constexpr int kSize = 5;
constexpr int kSteps = 6;

at::Tensor Random(Rng& rng) {
  at::Tensor tensor = at::empty({kSize}, at::kDouble);
  for (int i = 0; i < kSize; ++i) tensor.data_ptr<double>()[i] = rng.Gaussian();
  return tensor;
}

std::vector<double> Values(const at::Tensor& tensor) {
  return {tensor.data_ptr<double>(), tensor.data_ptr<double>() + kSize};
}

// The learning rates fall, as a schedule makes them.
double LearningRate(int step) { return 0.1 / (1 + step); }

TEST(OptimizerTest, Sgd) {
  for (const SgdOptions& options :
       {SgdOptions{0, 0}, SgdOptions{0.9, 0}, SgdOptions{0.9, 0.03}, SgdOptions{0, 0.03},
        SgdOptions{0.9, 0.03, /*nesterov=*/true}}) {
    Rng rng(1);
    at::Tensor tensor = Random(rng).set_requires_grad(true);
    std::vector<double> expected = Values(tensor);
    std::vector<double> velocity(kSize, 0);
    const std::unique_ptr<Optimizer> sgd = MakeSgd({tensor}, options);
    for (int step = 0; step < kSteps; ++step) {
      const at::Tensor gradient = Random(rng);
      sgd->ZeroGrad();
      tensor.mul(gradient).sum().backward();
      sgd->Step(LearningRate(step));
      for (int i = 0; i < kSize; ++i) {
        const double decayed = Values(gradient)[i] + options.weight_decay * expected[i];
        velocity[i] = options.momentum * velocity[i] + decayed;
        expected[i] -= LearningRate(step) *
                       (options.nesterov ? decayed + options.momentum * velocity[i] : velocity[i]);
        EXPECT_NEAR(Values(tensor)[i], expected[i], kTolerance);
      }
    }
  }
}

TEST(OptimizerTest, RmsProp) {
  for (const RmsPropOptions& options : {RmsPropOptions{}, RmsPropOptions{0.8, 0.1, 0.5, 0.03}}) {
    Rng rng(2);
    at::Tensor tensor = Random(rng).set_requires_grad(true);
    std::vector<double> expected = Values(tensor);
    std::vector<double> square(kSize, 1);
    std::vector<double> momentum(kSize, 0);
    const std::unique_ptr<WeightOptimizer> rmsprop = MakeRmsProp({tensor}, options);
    for (int step = 0; step < kSteps; ++step) {
      const at::Tensor direction = Random(rng);
      rmsprop->ZeroGrad();
      tensor.mul(direction).sum().backward();
      if (step == 2) {
        // What a preview changes is only the tensor.
        const at::Tensor before = tensor.detach().clone();
        rmsprop->Preview(LearningRate(step));
        EXPECT_FALSE(tensor.equal(before));
        tensor.detach().copy_(before);
      }
      rmsprop->Step(LearningRate(step));
      for (int i = 0; i < kSize; ++i) {
        const double gradient = Values(direction)[i] + options.weight_decay * expected[i];
        square[i] = options.decay * square[i] + (1 - options.decay) * gradient * gradient;
        momentum[i] = options.momentum * momentum[i] +
                      LearningRate(step) * gradient / std::sqrt(square[i] + options.epsilon);
        expected[i] -= momentum[i];
        EXPECT_NEAR(Values(tensor)[i], expected[i], kTolerance);
      }
    }
  }
}

TEST(OptimizerTest, Adam) {
  for (const AdamOptions& options : {AdamOptions{}, AdamOptions{0.5, 0.999, 1e-3}}) {
    Rng rng(2);
    at::Tensor tensor = Random(rng).set_requires_grad(true);
    std::vector<double> expected = Values(tensor);
    std::vector<double> mean(kSize, 0);
    std::vector<double> square(kSize, 0);
    const std::unique_ptr<Optimizer> adam = MakeAdam({tensor}, options);
    for (int step = 0; step < kSteps; ++step) {
      const at::Tensor direction = Random(rng);
      adam->ZeroGrad();
      tensor.mul(direction).sum().backward();
      adam->Step(LearningRate(step));
      for (int i = 0; i < kSize; ++i) {
        const double gradient = Values(direction)[i] + options.weight_decay * expected[i];
        mean[i] = options.beta1 * mean[i] + (1 - options.beta1) * gradient;
        square[i] = options.beta2 * square[i] + (1 - options.beta2) * gradient * gradient;
        const double unbiased_mean = mean[i] / (1 - std::pow(options.beta1, step + 1));
        const double unbiased_square = square[i] / (1 - std::pow(options.beta2, step + 1));
        expected[i] -= LearningRate(step) * unbiased_mean / (std::sqrt(unbiased_square) + 1e-8);
        EXPECT_NEAR(Values(tensor)[i], expected[i], kTolerance);
      }
    }
  }
}

TEST(OptimizerTest, ATensorWithoutAGradientStays) {
  Rng rng(3);
  at::Tensor used = Random(rng).set_requires_grad(true);
  at::Tensor unused = Random(rng).set_requires_grad(true);
  const std::vector<double> before = Values(unused);
  const std::vector<std::unique_ptr<Optimizer>> optimizers = [&] {
    std::vector<std::unique_ptr<Optimizer>> made;
    made.push_back(MakeSgd({used, unused}, {0.9, 0.1}));
    made.push_back(MakeRmsProp({used, unused}, {}));
    made.push_back(MakeAdam({used, unused}, {0.9, 0.999, 0.1}));
    return made;
  }();
  for (const std::unique_ptr<Optimizer>& optimizer : optimizers) {
    const std::vector<double> used_before = Values(used);
    optimizer->ZeroGrad();
    used.sum().backward();
    optimizer->Step(0.1);
    EXPECT_NE(Values(used), used_before);
    EXPECT_EQ(Values(unused), before);
  }
}

TEST(OptimizerTest, GoesOnFromWhatWasSaved) {
  for (const std::string which : {"sgd", "rmsprop", "adam"}) {
    const auto make = [&](const std::vector<at::Tensor>& tensors) -> std::unique_ptr<Optimizer> {
      if (which == "sgd") return MakeSgd(tensors, {0.9, 0.1});
      if (which == "rmsprop") return MakeRmsProp(tensors, {0.9, 1, 0.9, 0.1});
      return MakeAdam(tensors, {0.9, 0.999, 0.1});
    };
    // The second has a gradient in the first step alone, the third never.
    const auto fresh = [] {
      std::vector<at::Tensor> tensors;
      for (int i = 0; i < 3; ++i) {
        tensors.push_back(at::ones({kSize}, at::kDouble).mul(i + 1).set_requires_grad(true));
      }
      return tensors;
    };
    const auto step = [](Optimizer& optimizer, const std::vector<at::Tensor>& tensors, int count) {
      optimizer.ZeroGrad();
      tensors[0].mul(count + 1).sum().backward();
      if (count == 0) tensors[1].sum().backward();
      optimizer.Step(0.1);
    };
    const std::vector<at::Tensor> whole = fresh();
    const std::vector<at::Tensor> parts = fresh();
    const auto straight = make(whole);
    for (int i = 0; i < 4; ++i) step(*straight, whole, i);
    const auto first = make(parts);
    for (int i = 0; i < 2; ++i) step(*first, parts, i);
    const NamedTensors saved = first->Save();
    std::vector<at::Tensor> resumed;
    for (const at::Tensor& tensor : parts) {
      resumed.push_back(tensor.detach().clone().set_requires_grad(true));
    }
    const auto second = make(resumed);
    ASSERT_TRUE(second->Restore(saved).ok());
    for (int i = 2; i < 4; ++i) step(*second, resumed, i);
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(Values(resumed[i]), Values(whole[i])) << which << i;
    }
    EXPECT_EQ(make({whole[0]})->Restore(saved).code(), absl::StatusCode::kDataLoss);
  }
}

TEST(OptimizerTest, ClipsTheCommonNorm) {
  at::Tensor a = at::ones({2}, at::kDouble).set_requires_grad(true);
  at::Tensor b = at::ones({1}, at::kDouble).set_requires_grad(true);
  const at::Tensor without = at::ones({4}, at::kDouble).set_requires_grad(true);
  const auto set_gradients = [&] {
    a.mutable_grad() = at::ones({2}, at::kDouble).mul(2);
    b.mutable_grad() = at::ones({1}, at::kDouble).mul(-1);
  };
  const auto clip = [&](double limit) { return ClipGradients({a, without, b}, limit); };
  set_gradients();
  EXPECT_DOUBLE_EQ(clip(4), 3);  // below the limit
  EXPECT_DOUBLE_EQ(a.grad()[1].item<double>(), 2);
  EXPECT_DOUBLE_EQ(clip(1.5), 3);
  EXPECT_DOUBLE_EQ(a.grad()[1].item<double>(), 1);
  EXPECT_DOUBLE_EQ(b.grad()[0].item<double>(), -0.5);
  EXPECT_FALSE(without.grad().defined());
  set_gradients();
  clip(0);  // no limit
  EXPECT_DOUBLE_EQ(a.grad()[1].item<double>(), 2);
  EXPECT_DOUBLE_EQ(b.grad()[0].item<double>(), -1);
}

}  // namespace
}  // namespace nasc
