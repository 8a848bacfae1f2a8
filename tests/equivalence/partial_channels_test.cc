// Partial channels and edge normalisation against what the authors' code computes
// (https://github.com/yuhuixu1993/PC-DARTS, model_search.py), written here with LibTorch's
// operators, edge by edge.
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/softmax.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "tests/equivalence/examples.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

constexpr char kSpace[] = R"(space tiny version 1.0.0
ops candidates {
  none relaxed
  pool = max_pool(3)
  conv3 = relu -> conv(3)
}
cell halving(prev_prev, prev) {
  stride 2
  node n[2] { edges 2 of earlier { one of candidates } merge sum }
  output concat(n)
}
network {
  input image(3, 8, 6) classes 10
  stem conv(3, filters = width)
  stack 1 { else: halving }
  head global_avg_pool -> linear(classes)
}
scale search { width = 8 }
)";
constexpr int64_t kParts = 4;

class Reference {
 public:
  Reference(const ParameterStore& store, const Network::Logits& logits)
      : store_(store), logits_(logits) {}

  at::Tensor Logits(const at::Tensor& images) const {
    const at::Tensor stem = at::conv2d(images, Weight("stem.conv.weight"), {}, 1, 1);
    std::vector<at::Tensor> states = {stem, stem};
    const std::vector<std::string> names = {"prev_prev", "prev", "n0"};
    for (const std::string node : {"n0", "n1"}) {
      const at::Tensor edges = Softmax(absl::StrCat("halving.", node, ".edges"));
      at::Tensor sum;
      for (size_t j = 0; j < states.size(); ++j) {
        const at::Tensor edge =
            Edge(absl::StrCat(node, ".", names[j]), states[j], j < 2 ? 2 : 1).mul(edges[j]);
        sum = sum.defined() ? sum.add(edge) : edge;
      }
      states.push_back(sum);
    }
    const at::Tensor pooled = at::cat({states[2], states[3]}, 1).mean({2, 3});
    return pooled.matmul(Weight("head.linear.weight").t()).add(Weight("head.linear.bias"));
  }

 private:
  at::Tensor Weight(const std::string& name) const { return store_.tensors().at(name).detach(); }
  at::Tensor Softmax(const std::string& path) const { return at::softmax(logits_.at(path), 0); }

  // MixedOp.forward
  at::Tensor Edge(const std::string& name, const at::Tensor& x, int64_t stride) const {
    const int64_t channels = x.size(1);
    const at::Tensor through = x.slice(1, 0, channels / kParts);
    const at::Tensor past = x.slice(1, channels / kParts);
    const at::Tensor weights = Softmax(absl::StrCat("halving.", name, ".op"));
    const at::Tensor filters =
        Weight(absl::StrCat("stage0.cell0.halving.", name, ".conv3.conv.weight"));
    const at::Tensor mixed =
        at::max_pool2d(through, 3, stride, 1)
            .mul(weights[1])
            .add(at::conv2d(through.clamp_min(0), filters, {}, stride, 1).mul(weights[2]));
    const at::Tensor joined =
        at::cat({mixed, stride == 1 ? past : at::max_pool2d(past, 2, 2)}, 1).contiguous();
    return joined.view({x.size(0), kParts, channels / kParts, joined.size(2), joined.size(3)})
        .transpose(1, 2)
        .contiguous()
        .view(joined.sizes());
  }

  const ParameterStore& store_;
  const Network::Logits& logits_;
};

TEST(PartialChannelsTest, ComputeWhatTheAuthorsCodeDoes) {
  Diagnostics diagnostics;
  const std::optional<ir::Graph> supernet = LowerText(kSpace, "search", diagnostics);
  ASSERT_TRUE(supernet.has_value()) << diagnostics.Render();
  const absl::StatusOr<ir::Graph> mixture =
      RelaxToMixture(*supernet, {kParts, /*edge_normalization=*/true});
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  ParameterStore store(at::kDouble, 5);
  const absl::StatusOr<Network> network = Network::Create(*BuildProgram(*mixture), store);
  ASSERT_TRUE(network.ok()) << network.status();
  Rng rng(3);
  Network::Logits logits;
  for (const ProgramDecision& decision : network->program().decisions) {
    logits[decision.path] = Gaussian({decision.options}, rng);
  }
  ASSERT_EQ(logits.size(), 7u);  // five edges, and those of two nodes
  const at::Tensor images = Gaussian({2, 3, 8, 6}, rng);
  const at::Tensor made = network->Forward(images, logits, ForwardMode()).logits;
  const at::Tensor expected = Reference(store, logits).Logits(images);
  ASSERT_EQ(made.sizes(), expected.sizes());
  EXPECT_LE(made.sub(expected).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace nasc
