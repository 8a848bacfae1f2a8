// A mixture whose logits take one architecture computes what that architecture computes, with
// decisions about numbers and shapes too: the weights of an option are parts of those of the
// widest.
#include <ATen/ops/full.h>

#include <utility>

#include "compiler/draw.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/random/random.h"
#include "tests/equivalence/examples.h"

namespace nasc {
namespace {

constexpr double kCertain = 1000;  // of logits whose softmax is 1 and 0 then, without rounding

Network MakeNetwork(const absl::StatusOr<ir::Graph>& graph, ParameterStore& store) {
  EXPECT_TRUE(graph.ok()) << graph.status();
  absl::StatusOr<Network> network = Network::Create(*BuildProgram(*graph), store);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

Network::Logits LogitsOf(const Program& program, const ir::Graph& supernet,
                         const Architecture& architecture) {
  Network::Logits logits;
  for (const ProgramDecision& decision : program.decisions) {
    at::Tensor& tensor = logits[decision.path] = at::full({decision.options}, 0, at::kDouble);
    for (size_t d = 0; d < supernet.decisions.size(); ++d) {
      if (supernet.decisions[d].path != decision.path) continue;
      for (const int pick : architecture.picks[d]) tensor[pick] = kCertain;
    }
  }
  return logits;
}

class MixtureTest : public testing::TestWithParam<Example> {};

TEST_P(MixtureTest, HasArchitecturesAsItsCorners) {
  const ir::Graph supernet = SupernetOf(GetParam());
  ParameterStore store(at::kDouble, 5);
  const Network mixture = MakeNetwork(RelaxToMixture(supernet), store);
  Rng rng(7);
  std::vector<int64_t> shape = mixture.program().input_shape;
  shape[0] = 2;
  const at::Tensor images = Gaussian(shape, rng);
  ForwardMode mode;
  mode.training = true;  // by the statistics of the batch
  mode.rng = &rng;
  for (int draws = 0; draws < 5; ++draws) {
    const Architecture architecture =
        DrawArchitecture(supernet.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
    const Network sample = MakeNetwork(RelaxToSample(supernet, architecture), store);
    const at::Tensor expected =
        sample.Forward(images, LogitsOf(sample.program(), supernet, architecture), mode).logits;
    const at::Tensor made =
        mixture.Forward(images, LogitsOf(mixture.program(), supernet, architecture), mode).logits;
    const double apart = made.sub(expected).abs().max().item<double>();
    EXPECT_LE(apart, 1e-10 * expected.abs().max().item<double>());
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, MixtureTest,
                         testing::Values(Example{"mnasnet/mnasnet.space", "", 32, 0},
                                         Example{"resnet/resnet.space", "", 16, 0}),
                         NameOf);

}  // namespace
}  // namespace nasc
