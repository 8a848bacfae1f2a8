// Optimised programs against the reference under LibTorch's autograd, in float64: outputs, the
// gradient of every weight and decision, and running statistics, on every convolutional example
// space, with the mixture where there is one and with architectures at random.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/fused/isa.h"
#include "runtime/network.h"
#include "runtime/random/random.h"
#include "tests/equivalence/examples.h"

namespace nasc {
namespace {

constexpr int64_t kBatch = 2;

using Named = std::map<std::string, at::Tensor>;

// One training step of a network that starts the same every time: all that it computed.
struct Computed {
  Named values;
  int64_t fallbacks = 0;
};

// Probabilities of as many classes as the program tells of.
at::Tensor SoftTargets(const Program& program, Rng& rng) {
  for (const ProgramResult& result : program.results) {
    if (result.name != "logits") continue;
    return Gaussian({kBatch, program.values[result.value].shape[1]}, rng).softmax(1);
  }
  return {};
}

Computed Compute(const Program& program, at::ScalarType dtype, bool reference,
                 const NetworkOptions& options = {}, bool soft_targets = false) {
  Computed computed;
  ParameterStore store(dtype, 5);
  absl::StatusOr<Network> network = Network::Create(program, store, options);
  EXPECT_TRUE(network.ok()) << network.status();
  Rng rng(3);
  Network::Logits logits;
  for (const ProgramDecision& decision : program.decisions) {
    logits[decision.path] =
        Gaussian({decision.options}, rng).to(dtype).set_requires_grad(reference);
  }
  std::vector<int64_t> shape = program.input_shape;
  shape[0] = kBatch;
  const at::Tensor images = Gaussian(shape, rng).to(dtype);
  at::Tensor labels = at::empty({kBatch}, at::kLong);
  for (int64_t i = 0; i < kBatch; ++i) labels.data_ptr<int64_t>()[i] = i % 2;
  if (soft_targets) labels = SoftTargets(program, rng).to(dtype);
  Rng drops(4);
  ForwardMode mode;
  mode.training = true;
  mode.drop_path_progress = 0.5;
  mode.rng = &drops;
  mode.soft_targets = soft_targets;
  mode.fallbacks = &computed.fallbacks;
  Network::Output output;
  if (reference) {
    output = network->Reference(images, logits, mode);
    const at::Tensor loss = network->Loss(output, labels, mode);
    loss.backward();
    computed.values["loss"] = loss.detach();
  } else {
    const Network::Outcome outcome =
        network->Step(images, labels, logits, mode, {/*weights=*/true, /*decisions=*/true});
    output = outcome.output;
    computed.values["loss"] = at::empty({}, at::kDouble).fill_(outcome.loss);
  }
  computed.values["output"] = output.logits.detach();
  if (output.auxiliary.defined()) computed.values["auxiliary"] = output.auxiliary.detach();
  for (const ProgramParam& param : program.params) {
    const at::Tensor& tensor = store.tensors().at(param.name);
    if (param.role == ir::Param::Role::kBuffer) {
      computed.values["statistics " + param.name] = tensor;
    } else if (tensor.grad().defined()) {
      computed.values["gradient " + param.name] = tensor.grad();
    }
  }
  for (const auto& [path, tensor] : logits) {
    if (tensor.grad().defined()) computed.values["gradient " + path] = tensor.grad();
  }
  return computed;
}

// Relative to the largest of each tensor; a gradient that is all but zero beside the others, as
// that of what a batch norm takes away again, to a thousandth of the largest of all.
void ExpectSame(const Named& made, const Named& exact, double tolerance) {
  double greatest_gradient = 0;
  for (const auto& [name, tensor] : exact) {
    if (name.rfind("gradient", 0) == 0) {
      greatest_gradient = std::max(greatest_gradient, tensor.abs().max().item<double>());
    }
  }
  for (const auto& [name, tensor] : exact) {
    const auto it = made.find(name);
    if (it == made.end()) {
      // A gradient that is zero everywhere need not be there.
      EXPECT_EQ(tensor.abs().max().item<double>(), 0) << name;
      continue;
    }
    ASSERT_EQ(it->second.sizes(), tensor.sizes()) << name;
    const double least = name.rfind("gradient", 0) == 0 ? 1e-3 * greatest_gradient : 1.0;
    const double greatest = std::max(tensor.abs().max().item<double>(), least);
    const double apart =
        it->second.to(at::kDouble).sub(tensor.to(at::kDouble)).abs().max().item<double>();
    EXPECT_LE(apart, tolerance * greatest) << name << " of at most " << greatest;
  }
}

void ExpectTheReference(const Program& program) {
  const Computed exact = Compute(program, at::kDouble, /*reference=*/true);
  for (const std::string passes : {"none", "all"}) {
    SCOPED_TRACE(absl::StrCat("passes ", passes));
    const Computed made = Compute(program, at::kDouble, /*reference=*/false, {passes});
    ExpectSame(made.values, exact.values, 1e-10);
    if (fused::CurrentIsa() != fused::Isa::kNone) {
      EXPECT_EQ(made.fallbacks, 0);
    }
  }
}

class EquivalenceTest : public testing::TestWithParam<Example> {};

TEST_P(EquivalenceTest, StepsComputeWhatTheReferenceDoes) {
  for (const Program& program : ProgramsOf(GetParam())) ExpectTheReference(program);
}

// The part of PC-DARTS, which leaves two channels of eight; with weights of edges and without.
TEST(PartialChannelsTest, StepsComputeWhatTheReferenceDoes) {
  for (const Example& example : {Example{"darts/darts.space", "quick", 12, 0},
                                 Example{"nasbench201/nasbench201.space", "quick", 12, 0}}) {
    for (const bool edge_normalization : {false, true}) {
      const absl::StatusOr<ir::Graph> mixture =
          RelaxToMixture(SupernetOf(example), {/*partial_channels=*/4, edge_normalization});
      ASSERT_TRUE(mixture.ok()) << mixture.status();
      ExpectTheReference(*BuildProgram(*mixture));
    }
  }
}

TEST_P(EquivalenceTest, SoDoTheyForSoftTargets) {
  const Program program = ProgramsOf(GetParam())[0];
  const Computed exact =
      Compute(program, at::kDouble, /*reference=*/true, {}, /*soft_targets=*/true);
  ExpectSame(Compute(program, at::kDouble, /*reference=*/false, {}, /*soft_targets=*/true).values,
             exact.values, 1e-10);
}

TEST(SoftTargetsTest, Count) {
  const Program program = ProgramsOf(Examples()[0])[0];
  const auto loss = [&](bool soft_targets) {
    return Compute(program, at::kDouble, /*reference=*/true, {}, soft_targets)
        .values.at("loss")
        .item<double>();
  };
  EXPECT_NE(loss(true), loss(false));
}

TEST_P(EquivalenceTest, SoDoTheyByLibTorchsOperators) {
  const fused::Isa isa = fused::CurrentIsa();
  ASSERT_TRUE(fused::SetIsa("none").ok());
  const Program program = ProgramsOf(GetParam())[0];
  const Computed exact = Compute(program, at::kDouble, /*reference=*/true);
  const Computed made = Compute(program, at::kDouble, /*reference=*/false);
  ExpectSame(made.values, exact.values, 1e-10);
  EXPECT_GT(made.fallbacks, 0);
  ASSERT_TRUE(fused::SetIsa(fused::NameOf(isa)).ok());
}

void ExpectSameBits(const Named& made, const Named& expected) {
  ASSERT_EQ(made.size(), expected.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(made.at(name).equal(tensor)) << name;
}

TEST_P(EquivalenceTest, RecomputationChangesNoBit) {
  for (const Program& program : ProgramsOf(GetParam())) {
    ExpectSameBits(Compute(program, at::kFloat, /*reference=*/false, {"all", true}).values,
                   Compute(program, at::kFloat, /*reference=*/false).values);
  }
}

TEST_P(EquivalenceTest, TwiceTheSameBitsWithAnyNumberOfThreads) {
  const Program program = ProgramsOf(GetParam())[0];
  const int before = at::get_num_threads();
  for (const int threads : {1, 3}) {
    at::set_num_threads(threads);
    const Computed once = Compute(program, at::kFloat, /*reference=*/false);
    ExpectSameBits(Compute(program, at::kFloat, /*reference=*/false).values, once.values);
  }
  at::set_num_threads(before);
}

// The losses of a search that alternates steps of decisions and weights, by plain descent.
std::vector<double> Losses(const Program& program, bool reference, int steps) {
  ParameterStore store(at::kDouble, 5);
  absl::StatusOr<Network> network = Network::Create(program, store);
  EXPECT_TRUE(network.ok()) << network.status();
  Rng rng(3);
  Network::Logits logits;
  std::vector<at::Tensor> decisions;
  for (const ProgramDecision& decision : program.decisions) {
    logits[decision.path] = Gaussian({decision.options}, rng).set_requires_grad(reference);
    decisions.push_back(logits[decision.path]);
  }
  const std::vector<at::Tensor> weights = store.Weights();
  std::vector<int64_t> shape = program.input_shape;
  shape[0] = 8;
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    const at::Tensor images = Gaussian(shape, rng);
    const at::Tensor labels = at::empty({shape[0]}, at::kLong);
    for (int64_t i = 0; i < shape[0]; ++i) {
      labels.data_ptr<int64_t>()[i] = static_cast<int64_t>(rng.Below(4));
    }
    const bool by_weights = step % 2 == 1;
    ForwardMode mode;
    mode.training = true;
    mode.rng = &rng;
    for (const std::vector<at::Tensor>* tensors : {&weights, &std::as_const(decisions)}) {
      for (const at::Tensor& tensor : *tensors) tensor.mutable_grad() = at::Tensor();
    }
    if (reference) {
      const at::Tensor loss = network->Loss(network->Reference(images, logits, mode), labels);
      loss.backward();
      losses.push_back(loss.item<double>());
    } else {
      losses.push_back(network->Step(images, labels, logits, mode, {by_weights, !by_weights}).loss);
    }
    const at::NoGradGuard no_grad;
    for (const at::Tensor& tensor : by_weights ? weights : decisions) {
      if (tensor.grad().defined()) tensor.add_(tensor.grad(), -0.05);
    }
  }
  return losses;
}

TEST(SearchTest, LossesAreThoseOfTheReference) {
  const Program program = ProgramsOf(Examples()[0])[0];
  const std::vector<double> exact = Losses(program, /*reference=*/true, 12);
  const std::vector<double> made = Losses(program, /*reference=*/false, 12);
  for (size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(made[i], exact[i], 1e-8) << "step " << i;
  EXPECT_NE(exact.front(), exact.back());
}

INSTANTIATE_TEST_SUITE_P(Examples, EquivalenceTest, testing::ValuesIn(Examples()), NameOf);

}  // namespace
}  // namespace nasc
