// The gradients that strategies derive by hand.

#include <ATen/TensorOperators.h>
#include <ATen/ops/digamma.h>
#include <ATen/ops/lgamma.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/trainer.h"
#include "strategies/evaluate/test_search.h"
#include "strategies/one_shot/binary_gates.h"
#include "strategies/one_shot/dirichlet.h"
#include "strategies/one_shot/gumbel.h"

namespace nasc {
namespace {

at::Tensor Reals(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

void ExpectNear(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  for (int64_t i = 0; i < a.numel(); ++i) {
    EXPECT_NEAR(a[i].item<double>(), b[i].item<double>(), tolerance) << i;
  }
}

// --- DrNAS ---

TEST(DirichletTest, DrawsHaveTheMeanAndTheSpreadOfTheirConcentrations) {
  const at::Tensor concentration = Reals({0.3, 1, 2.7});
  Rng rng(1);
  at::Tensor sum = at::zeros({3}, at::kDouble);
  at::Tensor squares = at::zeros({3}, at::kDouble);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const at::Tensor draw = DrawLogDirichlet(concentration, rng).exp();
    EXPECT_NEAR(draw.sum().item<double>(), 1, 1e-9);
    sum += draw;
    squares += draw.square();
  }
  const at::Tensor mean = concentration.div(4);
  ExpectNear(sum.div(kDraws), mean, 0.01);
  ExpectNear(squares.div(kDraws).sub(mean.square()), mean.mul(mean.neg().add(1)).div(5), 0.01);
}

TEST(DirichletTest, TinyConcentrationsGiveFiniteDraws) {
  Rng rng(2);
  const at::Tensor concentration = Reals({1e-6, 1e-6, 1e-6});
  for (int i = 0; i < 100; ++i) {
    const at::Tensor draw = DrawLogDirichlet(concentration, rng);
    EXPECT_TRUE(draw.isfinite().all().item<bool>());
    EXPECT_GT(draw.exp().max().item<double>(), 0.3);
  }
}

// E[c s] = c a / A, so its gradient by a_i is (c_i - c a / A) / A.
TEST(DirichletTest, PathwiseGradientIsThatOfTheExpectation) {
  const at::Tensor concentration = Reals({0.6, 1.1, 2.3});
  const at::Tensor slope = Reals({3, -1, 0.5});
  Rng rng(3);
  at::Tensor sum = at::zeros({3}, at::kDouble);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const at::Tensor log_draw = DrawLogDirichlet(concentration, rng);
    const at::Tensor draw = log_draw.exp();
    const at::Tensor by_log = draw.mul(slope.sub(draw.mul(slope).sum()));
    sum += DirichletGradient(log_draw, concentration, by_log);
  }
  const at::Tensor total = concentration.sum();
  const at::Tensor expected = slope.sub(slope.mul(concentration).sum().div(total)).div(total);
  ExpectNear(sum.div(kDraws), expected, 0.015);
}

double Divergence(const at::Tensor& a) {
  const at::Tensor total = a.sum();
  return (at::lgamma(total) - at::lgamma(a).sum() - std::lgamma(static_cast<double>(a.numel())) +
          a.sub(1).mul(at::digamma(a).sub(at::digamma(total))).sum())
      .item<double>();
}

TEST(DirichletTest, DivergenceGradientIsThatOfDifferences) {
  const at::Tensor a = Reals({0.4, 1.5, 2.2});
  const at::Tensor gradient = DivergenceGradient(a);
  for (int64_t i = 0; i < 3; ++i) {
    at::Tensor step = at::zeros({3}, at::kDouble);
    step[i] = 1e-5;
    const double difference = (Divergence(a + step) - Divergence(a - step)) / 2e-5;
    EXPECT_NEAR(gradient[i].item<double>(), difference, 1e-6);
  }
  EXPECT_NEAR(Divergence(Reals({1, 1, 1})), 0, 1e-12);
  ExpectNear(DivergenceGradient(Reals({1, 1, 1})), Reals({0, 0, 0}), 1e-12);
}

// --- GDAS ---

std::vector<ir::Decision> OneOfThree() {
  ir::Decision op;
  op.path = "op";
  op.options = {"a", "b", "c"};
  op.relaxed_only = {false, false, false};
  ir::Decision edges;
  edges.path = "edges";
  edges.kind = ir::Decision::Kind::kSome;
  edges.options = {"x", "y"};
  edges.relaxed_only = {false, false};
  return {op, edges};
}

TEST(GumbelTest, DrawsBySoftmaxWhateverTheTemperature) {
  const Network::Logits logits = {{"op", Reals({0.5, -1, 1.2})}};
  Rng rng(4);
  std::vector<double> counts(3);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const GumbelDraw draw = DrawGumbel(OneOfThree(), logits, 0.1 + i % 3, rng);
    ++counts[draw.taken.picks[0][0]];
    EXPECT_EQ(draw.taken.picks[1], (std::vector<int>{0, 1}));
    EXPECT_EQ(draw.logits.at("op").argmax().item<int64_t>(), draw.taken.picks[0][0]);
  }
  ExpectNear(Reals(counts).div(kDraws), at::softmax(logits.at("op"), 0), 0.01);
}

TEST(GumbelTest, GradientsAreThoseOfTheSoftmaxOfTheDraw) {
  const Network::Logits logits = {{"op", Reals({0.5, -1, 1.2})}};
  const at::Tensor slope = Reals({3, -1, 0.5});
  constexpr double kTemperature = 2.5;
  Rng rng(5);
  const GumbelDraw draw = DrawGumbel(OneOfThree(), logits, kTemperature, rng);
  const at::Tensor noise = draw.logits.at("op").mul(kTemperature).sub(logits.at("op"));
  const auto value = [&](const at::Tensor& at) {
    return at::softmax(at.add(noise).div(kTemperature), 0).mul(slope).sum().item<double>();
  };
  const at::Tensor weights = at::softmax(draw.logits.at("op"), 0);
  draw.logits.at("op").mutable_grad() = weights.mul(slope.sub(weights.mul(slope).sum()));
  PassGradients(draw, kTemperature, logits);
  for (int64_t i = 0; i < 3; ++i) {
    at::Tensor step = at::zeros({3}, at::kDouble);
    step[i] = 1e-6;
    const at::Tensor& own = logits.at("op");
    EXPECT_NEAR(own.grad()[i].item<double>(), (value(own + step) - value(own - step)) / 2e-6, 1e-8);
  }
}

TEST(GumbelTest, TheTemperatureFallsLinearly) {
  const Cooling cooling;
  EXPECT_DOUBLE_EQ(cooling.At(0), 10);
  EXPECT_DOUBLE_EQ(cooling.At(0.5), 5.05);
  EXPECT_NEAR(cooling.At(1), 0.1, 1e-12);
}

// --- ProxylessNAS ---

const char kCandidates[] =
    "ops candidates { skip = conv(1) -> bn  pool = avg_pool(3)  conv_3 = relu -> conv(3) -> bn  "
    "conv_5 = relu -> conv(5) -> bn }\n";

class BinaryGatesTest : public testing::Test {
 protected:
  double Loss(const BinaryGates& gates, const Network::Logits& logits) {
    const auto graph = RelaxToPaths(search_.supernet(), gates.paths());
    EXPECT_TRUE(graph.ok()) << graph.status();
    const auto network = Network::Create(*BuildProgram(*graph), store_);
    EXPECT_TRUE(network.ok()) << network.status();
    auto loader = search_.task().Evaluation(Task::Part::kValidation, 16);
    const Batch batch = NextBatch(*loader, at::kDouble);
    Rng rng(0);
    ForwardMode mode;
    mode.training = true;
    mode.rng = &rng;
    return network
        ->Step(batch.inputs, batch.targets, logits, mode, {/*weights=*/false, /*decisions=*/true})
        .loss;
  }

  const TestSearch search_{
      TestSearch::Space(kCandidates, "relu -> global_avg_pool -> linear(classes)")};
  const std::string path_ = search_.supernet().decisions[0].path;
  ParameterStore store_{at::kDouble, 5};
};

TEST_F(BinaryGatesTest, TwoDifferentPathsAreDrawnAndOnlyTheseRun) {
  const Network::Logits logits = {{path_, Reals({0.1, 0.4, -0.3, 0})}};
  Rng rng(1);
  std::vector<double> opened(4);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const BinaryGates gates(search_.supernet().decisions, logits, rng);
    const std::vector<int>& paths = gates.paths()[0];
    ASSERT_EQ(paths.size(), 2u);
    EXPECT_NE(paths[0], paths[1]);
    ++opened[paths[0]];
  }
  for (const double count : opened) EXPECT_GT(count, kDraws / 8);
  // The fourth option alone has a window of 5.
  const auto graph = RelaxToPaths(search_.supernet(), {{0, 2}});
  ASSERT_TRUE(graph.ok()) << graph.status();
  const auto program = BuildProgram(*graph);
  ASSERT_TRUE(program.ok()) << program.status();
  bool has_three = false;
  for (const ProgramStep& step : program->steps) {
    EXPECT_NE(step.op, "avg_pool");
    if (step.op != "conv") continue;
    EXPECT_NE(Whole(step, "kernel"), 5);
    has_three |= Whole(step, "kernel") == 3;
  }
  EXPECT_TRUE(has_three);
}

// With weights (1 - e, e) of the two paths, the slope at e = 0 is that by the closed gate less that
// by the open one.
TEST_F(BinaryGatesTest, GradientIsEquationFour) {
  const Network::Logits logits = {{path_, Reals({0.1, 0.4, -0.3, 0})}};
  Rng rng(7);
  for (int draw = 0; draw < 6; ++draw) {
    const BinaryGates gates(search_.supernet().decisions, logits, rng);
    const int open = gates.paths()[0][0];
    const int closed = gates.paths()[0][1];
    const double loss = Loss(gates, gates.gates());
    gates.PassGradients(logits);
    constexpr double kPart = 1e-6;
    at::Tensor mixed = gates.gates().at(path_).clone();
    mixed[open] = std::log(1 - kPart);
    mixed[closed] = std::log(kPart);
    const double slope = (Loss(gates, {{path_, mixed}}) - loss) / kPart;
    const at::Tensor own = logits.at(path_);
    const double gap = own[open].item<double>() - own[closed].item<double>();
    const double p = 1 / (1 + std::exp(-gap));
    const at::Tensor gradient = own.grad();
    EXPECT_NEAR(gradient[closed].item<double>(), p * (1 - p) * slope, 1e-4 * std::abs(slope));
    EXPECT_NEAR(gradient[open].item<double>(), -p * (1 - p) * slope, 1e-4 * std::abs(slope));
    EXPECT_NE(slope, 0);
    EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 2);
  }
}

TEST_F(BinaryGatesTest, RescalingKeepsTheProbabilitiesOfTheOthers) {
  const Network::Logits logits = {{path_, Reals({0.1, 0.4, -0.3, 0})}};
  const at::Tensor before = at::softmax(logits.at(path_), 0);
  Rng rng(8);
  const BinaryGates gates(search_.supernet().decisions, logits, rng);
  logits.at(path_)[gates.paths()[0][0]] += 0.7;
  logits.at(path_)[gates.paths()[0][1]] -= 0.2;
  gates.Rescale(logits);
  const at::Tensor after = at::softmax(logits.at(path_), 0);
  for (int i = 0; i < 4; ++i) {
    const bool moved = i == gates.paths()[0][0] || i == gates.paths()[0][1];
    const double difference = std::abs((after[i] - before[i]).item<double>());
    if (moved) {
      EXPECT_GT(difference, 0.01);
    } else {
      EXPECT_LT(difference, 1e-12);
    }
  }
}

}  // namespace
}  // namespace nasc
