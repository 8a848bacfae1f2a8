#include "strategies/one_shot/eigenvalue.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <utility>

#include "gtest/gtest.h"
#include "strategies/evaluate/test_search.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

// Of x'Hx / 2 + b'x.
GradientAt Quadratic(std::vector<std::vector<double>> hessian) {
  return [hessian = std::move(hessian)](const std::vector<double>& x) {
    std::vector<double> gradient(x.size(), 0.7);
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = 0; j < x.size(); ++j) gradient[i] += hessian[i][j] * x[j];
    }
    return absl::StatusOr<std::vector<double>>(gradient);
  };
}

TEST(EigenvalueTest, OfQuadraticsKnownByHand) {
  // (5 + sqrt 5) / 2
  EXPECT_NEAR(*DominantEigenvalue(2, Quadratic({{2, 1}, {1, 3}}), 1), 3.6180, 4e-3);
  EXPECT_NEAR(*DominantEigenvalue(2, Quadratic({{1, 0}, {0, -4}}), 1), -4, 4e-3);
  EXPECT_NEAR(*DominantEigenvalue(3, Quadratic({{5, 0, 0}, {0, 5, 0}, {0, 0, 5}}), 1), 5, 1e-9);
  EXPECT_EQ(*DominantEigenvalue(2, Quadratic({{0, 0}, {0, 0}}), 1), 0);
}

TEST(EigenvalueTest, AnErrorOfTheGradientIsPassedOn) {
  const auto fails = [](const std::vector<double>&) -> absl::StatusOr<std::vector<double>> {
    return NotFinite();
  };
  EXPECT_TRUE(absl::IsOutOfRange(DominantEigenvalue(2, fails, 1).status()));
}

// The Hessian, a column a parameter, by central differences of the strategy's gradients.
at::Tensor DenseHessian(OneShotStrategy& strategy, const Batch& batch) {
  constexpr double kRadius = 1e-4;
  std::vector<at::Tensor> parameters;
  int64_t size = 0;
  for (const auto& [name, tensor] : strategy.State()) {
    parameters.push_back(tensor);
    size += tensor.numel();
  }
  at::Tensor hessian = at::zeros({size, size}, at::kDouble);
  int64_t column = 0;
  for (const at::Tensor& moved : parameters) {
    for (int64_t i = 0; i < moved.numel(); ++i, ++column) {
      for (const double side : {1.0, -1.0}) {
        const at::Tensor before = moved.clone();
        moved[i].add_(side * kRadius);
        EXPECT_TRUE(strategy.DecisionGradient(batch).ok());
        moved.copy_(before);
        int64_t row = 0;
        for (const at::Tensor& parameter : parameters) {
          hessian.select(1, column)
              .narrow(0, row, parameter.numel())
              .add_(parameter.grad().to(at::kDouble), side / (2 * kRadius));
          row += parameter.numel();
        }
      }
    }
  }
  return hessian.add(hessian.t()).div(2);
}

// Without ReLUs and max pools, at which the gradient jumps.
TEST(EigenvalueTest, OfASupernetIsThatOfItsDenseHessian) {
  const TestSearch search(
      TestSearch::Space("ops candidates { identity  pool = avg_pool(3)  conv_1 = "
                        "sigmoid -> conv(1) -> bn  conv_3 = sigmoid -> conv(3) "
                        "-> bn  conv_5 = sigmoid -> conv(5) -> bn }\n",
                        "sigmoid -> global_avg_pool -> linear(classes)"));
  for (const char* name : {"darts", "drnas", "gdas", "proxyless"}) {
    SCOPED_TRACE(name);
    const StrategyInfo* info = FindStrategy(name);
    ASSERT_NE(info, nullptr);
    ParameterStore store(at::kDouble, 1);
    const Options sgd = ReadSettings(SgdOptionSpecs(), "batch = 16");
    const auto made = info->make_one_shot({search.supernet(), store, sgd, 1, 0, &search.task()},
                                          ReadSettings(info->options, "learning_rate = 0.1"));
    ASSERT_TRUE(made.ok()) << made.status();
    OneShotStrategy& strategy = **made;
    ASSERT_TRUE(strategy.PrepareDecisionGradient().ok());
    auto loader = search.task().Evaluation(Task::Part::kValidation, 16);
    const Batch batch = NextBatch(*loader, store.dtype());
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(strategy.Step(batch, batch, 0.1).ok());

    const at::Tensor eigenvalues = at::linalg_eigvalsh(DenseHessian(strategy, batch));
    const double least = eigenvalues[0].item<double>();
    const double most = eigenvalues[-1].item<double>();
    const double dominant = std::abs(least) > std::abs(most) ? least : most;

    std::vector<std::pair<at::Tensor, at::Tensor>> before;
    for (const auto& [name, tensor] : store.tensors()) before.emplace_back(tensor, tensor.clone());
    for (const auto& [name, tensor] : strategy.State()) before.emplace_back(tensor, tensor.clone());
    const auto found = DecisionEigenvalue(strategy, store, batch, 1);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_NEAR(*found, dominant, 0.02 * std::abs(dominant));
    for (const auto& [now, then] : before) EXPECT_TRUE(now.equal(then));
  }
}

}  // namespace
}  // namespace nasc
