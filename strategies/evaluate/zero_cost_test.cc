#include "strategies/evaluate/zero_cost.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

// features -> the steps. Linear layers have no bias.
class Chain {
 public:
  explicit Chain(int64_t features) : width_(features) {
    program_.input_shape = {-1, features};
    Add("features", features);
  }

  Chain& Linear(int64_t outputs) {
    const auto param = static_cast<int>(program_.params.size());
    program_.params.push_back({"linear" + std::to_string(param),
                               ir::Param::Role::kWeight,
                               ir::Param::Init::kFanIn,
                               width_,
                               {outputs, width_}});
    Add("linear", outputs, {param});
    return *this;
  }

  Chain& Norm() {
    const auto first = static_cast<int>(program_.params.size());
    using Role = ir::Param::Role;
    using Init = ir::Param::Init;
    program_.params.push_back({"norm.weight", Role::kWeight, Init::kOnes, 0, {width_}});
    program_.params.push_back({"norm.bias", Role::kWeight, Init::kZeros, 0, {width_}});
    program_.params.push_back({"norm.mean", Role::kBuffer, Init::kZeros, 0, {width_}});
    program_.params.push_back({"norm.var", Role::kBuffer, Init::kOnes, 0, {width_}});
    Add("bn", width_, {first, first + 1, first + 2, first + 3});
    program_.steps.back().attributes = {{"affine", int64_t{1}}};
    return *this;
  }

  Chain& Relu() {
    Add("relu", width_);
    return *this;
  }

  Program Done() {
    program_.results = {{"logits", static_cast<int>(program_.values.size()) - 1, 1}};
    SetLifetimes(program_);
    return program_;
  }

 private:
  void Add(const std::string& op, int64_t width, std::vector<int> params = {}) {
    const auto value = static_cast<int>(program_.values.size());
    ProgramStep step;
    step.name = step.op = op;
    if (value > 0) step.inputs = {value - 1};
    step.outputs = {value};
    step.params = std::move(params);
    program_.steps.push_back(std::move(step));
    program_.values.push_back({{-1, width}});
    width_ = width;
  }

  Program program_;
  int64_t width_;
};

at::Tensor Rows(const std::vector<std::vector<double>>& rows) {
  at::Tensor tensor =
      at::empty({static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())});
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = 0; k < rows[i].size(); ++k) {
      tensor[static_cast<int64_t>(i)][static_cast<int64_t>(k)] = rows[i][k];
    }
  }
  return tensor;
}

constexpr uint64_t kSeed = 7;

// What a linear layer of the chain starts with.
at::Tensor WeightOf(const Program& program, int param, at::ScalarType dtype) {
  ParameterStore store(dtype, kSeed);
  return store.Get(program.params[param])->detach();
}

double Value(const absl::StatusOr<double>& score) {
  EXPECT_TRUE(score.ok()) << score.status();
  return score.value_or(0);
}

// Each layer's share of the flow is all of it: the ones times the product of absolute matrices.
TEST(ZeroCostTest, SynflowOfALinearNetworkIsTheProductOncePerLayer) {
  const Program program = Chain(3).Linear(4).Linear(5).Linear(2).Done();
  at::Tensor flow = at::ones({3}, at::kDouble);
  for (int layer = 0; layer < 3; ++layer) {
    flow = WeightOf(program, layer, at::kDouble).abs().mv(flow);
  }
  EXPECT_NEAR(Value(Synflow({program, Batch{}, kSeed})), 3 * flow.sum().item<double>(), 1e-12);
}

TEST(ZeroCostTest, SynflowSeesNeitherNormsNorTheSignOfWeights) {
  const Program plain = Chain(3).Linear(4).Linear(2).Done();
  Program with_norm = Chain(3).Linear(4).Norm().Relu().Linear(2).Done();
  with_norm.params.back().name = plain.params.back().name;  // the same weights
  EXPECT_DOUBLE_EQ(Value(Synflow({plain, Batch{}, kSeed})),
                   Value(Synflow({with_norm, Batch{}, kSeed})));
}

// The bits of the three examples are 101, 001 and 110.
TEST(ZeroCostTest, NasWotIsTheDeterminantOfTheBitsThatExamplesShare) {
  const Program program = Chain(3).Relu().Linear(2).Done();
  const Batch batch{Rows({{1, -1, 2}, {-1, -2, 1}, {3, 1, -1}}), {}};
  //     | 3 2 1 |
  // K = | 2 3 0 |, det = 3 * 9 - 2 * 6 + 1 * (0 - 3) = 12
  //     | 1 0 3 |
  EXPECT_NEAR(Value(NasWot({program, batch, kSeed})), std::log(12.0), 1e-12);
}

TEST(ZeroCostTest, NasWotAddsTheBitsOfAllLayers) {
  const Batch batch{Rows({{1, -1, 2}, {-1, -2, 1}, {3, 1, -1}}), {}};
  // The second ReLU sees the result of the first, so its bits are the same: 2 K, det = 8 det K.
  EXPECT_NEAR(Value(NasWot({Chain(3).Relu().Relu().Done(), batch, kSeed})), std::log(96.0), 1e-12);
}

TEST(ZeroCostTest, NasWotOfExamplesThatAreNotToldApartIsNone) {
  const Batch batch{Rows({{1, -1}, {2, -2}}), {}};
  EXPECT_TRUE(absl::IsOutOfRange(NasWot({Chain(2).Relu().Done(), batch, kSeed}).status()));
  EXPECT_TRUE(absl::IsOutOfRange(NasWot({Chain(2).Linear(2).Done(), batch, kSeed}).status()));
}

// All rows of the Jacobian are the same, so one eigenvalue is the number of examples, the others 0.
TEST(ZeroCostTest, JacobianCovarianceOfALinearNetwork) {
  const Program program = Chain(3).Linear(4).Linear(2).Done();
  const Batch batch{Rows({{1, -1, 2}, {-1, -2, 1}, {3, 1, -1}, {0, 1, 0}}), {}};
  const auto term = [](double v) { return std::log(v + 1e-5) + 1 / (v + 1e-5); };
  const double expected = -(term(4) + 3 * term(0));
  EXPECT_NEAR(Value(JacobianCovariance({program, batch, kSeed})) / expected, 1, 1e-6);
}

// Of two examples that go through unlike units, rows (a, b, 0, 0) and (0, 0, c, d) of the Jacobian.
TEST(ZeroCostTest, JacobianCovarianceIsThatOfRowsOfGradients) {
  const Program program = Chain(3).Relu().Linear(1).Done();
  const Batch batch{Rows({{1, 1, -1}, {-1, 1, 1}}), {}};
  const at::Tensor w = WeightOf(program, 0, at::kFloat)[0].to(at::kDouble);
  const double a = w[0].item<double>();
  const double b = w[1].item<double>();
  const double c = w[2].item<double>();
  const auto centred = [](double x, double y, double z) {
    const double mean = (x + y + z) / 3;
    return std::vector<double>{x - mean, y - mean, z - mean};
  };
  const auto dot = [](const std::vector<double>& p, const std::vector<double>& q) {
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  };
  const std::vector<double> p = centred(a, b, 0);
  const std::vector<double> q = centred(0, b, c);
  const double r = dot(p, q) / std::sqrt(dot(p, p) * dot(q, q));
  const auto term = [](double v) { return std::log(v + 1e-5) + 1 / (v + 1e-5); };
  const double expected = -(term(1 + r) + term(1 - r));  // the eigenvalues of [[1, r], [r, 1]]
  EXPECT_NEAR(Value(JacobianCovariance({program, batch, kSeed})), expected,
              1e-4 * std::abs(expected));
}

// The gradient of the cross entropy by a matrix: (softmax - labels)^T x / examples.
TEST(ZeroCostTest, GradientNormOfALinearNetwork) {
  const Program program = Chain(3).Linear(4).Done();
  const at::Tensor x = Rows({{1, -1, 2}, {-1, -2, 1}});
  const at::Tensor labels = at::tensor({0, 3}, at::kLong);
  const at::Tensor told = at::softmax(x.mm(WeightOf(program, 0, at::kFloat).t()), 1);
  const at::Tensor gradient =
      told.sub(at::one_hot(labels, 4)).t().mm(x).div(static_cast<double>(x.size(0)));
  EXPECT_NEAR(Value(GradientNorm({program, {x, labels}, kSeed})), gradient.norm().item<double>(),
              1e-6);
}

// --- the evaluator ---

const char kAllScores[] = "score = \"synflow, naswot, jacob_cov, grad_norm\" batch = 12";

TEST(ProxyTest, EveryScoreOfImagesIsAFunctionOfTheSeed) {
  const TestSearch search(
      TestSearch::Space("ops candidates { identity  conv_3 = relu -> conv(3) -> bn }\n",
                        "relu -> global_avg_pool -> linear(classes)"));
  const auto evaluator = search.Make("proxy", kAllScores);
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  EXPECT_EQ((*evaluator)->measures(),
            (std::vector<std::string>{"synflow", "naswot", "jacob_cov", "grad_norm"}));
  const std::vector<double> values = TestSearch::Measure(**evaluator, TestSearch::Taking(1));
  EXPECT_EQ(TestSearch::Measure(**evaluator, TestSearch::Taking(1)), values);
  const auto again = search.Make("proxy", kAllScores);
  EXPECT_EQ(TestSearch::Measure(**again, TestSearch::Taking(1)), values);
  const auto other_seed = search.Make("proxy", kAllScores, /*seed=*/2);
  const std::vector<double> other = TestSearch::Measure(**other_seed, TestSearch::Taking(1));
  const std::vector<double> identity = TestSearch::Measure(**evaluator, TestSearch::Taking(0));
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_NE(other[i], values[i]) << (*evaluator)->measures()[i];
    EXPECT_NE(identity[i], values[i]) << (*evaluator)->measures()[i];
  }
  EXPECT_GT(values[0], identity[0]) << "more flows through more weights";
  EXPECT_GT(values[1], identity[1]) << "more units tell examples apart";
}

TEST(ProxyTest, MistakesAreNamed) {
  const TestSearch search(TestSearch::Space("ops candidates { identity  conv_3 = conv(3) }\n",
                                            "global_avg_pool -> linear(classes)"));
  EXPECT_EQ(search.Make("proxy", "score = \"synflw\"").status().message(),
            "evaluate proxy: unknown score 'synflw'; did you mean 'synflow'?");
  EXPECT_FALSE(search.Make("proxy", "score = \"\"").ok());
  EXPECT_FALSE(search.Make("proxy", "batch = 50").ok()) << "24 examples are searched with";
}

}  // namespace
}  // namespace nasc
