#include "runtime/inherit.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "compiler/cost.h"
#include "compiler/draw.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/random/random.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

// Residual blocks, inverted bottlenecks with squeeze and excitation, plain layers, a join.
constexpr char kSpace[] = R"(space grow version 1.0.0

op gate = multiply(identity, global_avg_pool -> conv(1, filters = in_filters / 2, bias = 1)
    -> relu -> conv(1, filters = in_filters, bias = 1) -> sigmoid)
op basic(k) = sum(conv(k) -> bn -> relu -> conv(k, stride = 1) -> bn, identity) -> relu
op inverted(k, wide) = sum(conv(1, filters = wide * filters) -> bn -> relu6 -> depthwise(k) -> bn
    -> relu6 -> gate -> conv(1) -> bn, identity)
op plain(k) = conv(k) -> bn -> relu
op stage {
  choose depth in 1..4
  choose kernel in { 3, 5 }
  return basic(kernel) -> repeat depth - 1 { basic(kernel) }
}
op bottlenecks {
  choose depth in 1..3
  choose kernel in { 3, 5 }
  choose wide in { 2, 3, 4 }
  return inverted(kernel, wide) -> repeat depth - 1 { inverted(kernel, wide) }
}
op layers {
  choose depth in 1..3
  choose kernel in { 3, 5 }
  return plain(kernel) -> repeat depth - 1 { plain(kernel) }
}
network {
  input image(3, 8, 8)  classes 4
  stem conv(3, filters = width) -> bn -> relu
  body stage(filters = width) -> bottlenecks(filters = width) -> concat(conv(1, filters = width), max_pool(3, stride = 1)) -> bn
      -> layers(filters = 2 * width)
  head conv(1, filters = 3 * width) -> relu -> flatten -> linear(classes)
}
scale narrow { width = 4 }
scale wide { width = 10 }
scale double { width = 8 }
)";

ir::Graph Lowered(const std::string& scale) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerText(kSpace, scale, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return *std::move(graph);
}

ir::Graph Fixed(const ir::Graph& supernet, const Architecture& architecture) {
  absl::StatusOr<ir::Graph> graph = Fix(supernet, architecture);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return *std::move(graph);
}

// Depths, kernels and the expansion, of the three parts of the space.
struct Sizes {
  int stage = 1, bottlenecks = 1, layers = 1;
  int kernel = 3;
  int wide = 2;
};

ir::Graph Network(const std::string& scale, const Sizes& sizes) {
  const ir::Graph supernet = Lowered(scale);
  std::string text = "architecture grow version 1.0.0 {\n";
  for (const ir::Decision& decision : supernet.decisions) {
    const std::string& path = decision.path;
    int value = sizes.kernel;
    if (path == "stage.depth") value = sizes.stage;
    if (path == "bottlenecks.depth") value = sizes.bottlenecks;
    if (path == "bottlenecks.wide") value = sizes.wide;
    if (path == "layers.depth") value = sizes.layers;
    absl::StrAppend(&text, "  ", path, " = ", value, "\n");
  }
  absl::StrAppend(&text, "}\n");
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture =
      ParseArchitecture(std::make_shared<SourceFile>("test.arch", text), supernet, diagnostics);
  EXPECT_TRUE(architecture.has_value()) << diagnostics.Render();
  return Fixed(supernet, *architecture);
}

// As a trained network's: no norm is the identity.
void Disturb(ParameterStore& store) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : store.tensors()) {
    if (tensor.dim() != 1) continue;
    Rng rng(HashSeed(7, name));
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      tensor.detach()[i].fill_(0.3 + rng.Uniform());
    }
  }
}

at::Tensor Images(const ir::Graph& graph) {
  std::vector<int64_t> shape = {2};
  const std::vector<ir::Dim>& dims = graph.instructions.front().type.dims;
  for (size_t i = 1; i < dims.size(); ++i) shape.push_back(dims[i].value());
  at::Tensor images = at::empty(shape, at::kDouble);
  Rng rng(3);
  for (int64_t i = 0; i < images.numel(); ++i) images.data_ptr<double>()[i] = rng.Gaussian();
  return images;
}

struct Grown {
  InheritPlan plan;
  double difference = 0;  // the greatest, of the logits, over the greatest logit
};

Grown Grow(const ir::Graph& donor, const ir::Graph& child,
           const std::set<std::string>& operations = {}) {
  Grown grown;
  grown.plan = PlanInheritance(child, donor, {operations, {}});
  const auto program = [](const ir::Graph& graph) {
    absl::StatusOr<Program> built = BuildProgram(KeepResults(graph, {"logits"}));
    EXPECT_TRUE(built.ok()) << built.status();
    return *std::move(built);
  };
  const auto logits = [&](Program built, ParameterStore& store) {
    absl::StatusOr<class Network> network = Network::Create(std::move(built), store);
    EXPECT_TRUE(network.ok()) << network.status();
    return network->Forward(Images(child), {}, ForwardMode{}).logits;
  };
  ParameterStore theirs(at::kDouble, 1);
  const Program donor_program = program(donor);
  for (const ProgramParam& param : donor_program.params) EXPECT_TRUE(theirs.Get(param).ok());
  Disturb(theirs);
  ParameterStore ours(at::kDouble, 2);
  const Program child_program = program(child);
  const absl::Status status = InheritWeights(grown.plan, theirs.tensors(), child_program, 5, ours);
  EXPECT_TRUE(status.ok()) << status;
  const at::Tensor before = logits(donor_program, theirs);
  const at::Tensor after = logits(child_program, ours);
  grown.difference =
      before.sub(after).abs().max().item<double>() / before.abs().max().item<double>();
  EXPECT_GT(before.std().item<double>(), 0);
  return grown;
}

void ExpectPreserved(const ir::Graph& donor, const ir::Graph& child,
                     const std::set<std::string>& operations = {}) {
  const Grown grown = Grow(donor, child, operations);
  EXPECT_TRUE(grown.plan.preserves);
  EXPECT_LT(grown.difference, 1e-9);
}

TEST(InheritTest, TheSameNetworkStaysAsItIs) {
  ExpectPreserved(Network("narrow", {2, 2, 2}), Network("narrow", {2, 2, 2}));
}

TEST(InheritTest, WiderNetworksComputeTheSame) {
  ExpectPreserved(Network("narrow", {2, 2, 2}), Network("double", {2, 2, 2}));
  ExpectPreserved(Network("narrow", {2, 2, 2}), Network("wide", {2, 2, 2}));
  ExpectPreserved(Network("narrow", {1, 2, 1, 3, 2}), Network("narrow", {1, 2, 1, 3, 3}));
}

TEST(InheritTest, DeeperNetworksComputeTheSame) {
  ExpectPreserved(Network("narrow", {1, 2, 1}), Network("narrow", {4, 2, 1}));
  ExpectPreserved(Network("narrow", {1, 1, 1}), Network("narrow", {1, 3, 1}));
  ExpectPreserved(Network("narrow", {1, 1, 1}), Network("narrow", {1, 1, 3}));
}

TEST(InheritTest, LargerWindowsComputeTheSame) {
  ExpectPreserved(Network("narrow", {2, 2, 2, 3}), Network("narrow", {2, 2, 2, 5}));
}

TEST(InheritTest, AllAtOnceComputeTheSame) {
  ExpectPreserved(Network("narrow", {1, 1, 2, 3, 2}), Network("wide", {3, 2, 3, 5, 4}));
}

TEST(InheritTest, SmallerNetworksInheritAndSaySo) {
  const Grown grown = Grow(Network("wide", {3, 2, 3, 5, 4}), Network("narrow", {1, 1, 2, 3, 2}));
  EXPECT_FALSE(grown.plan.preserves);
  EXPECT_GT(grown.difference, 1e-3);
  EXPECT_FALSE(grown.plan.selections.empty());
  for (const InheritedWeight& weight : grown.plan.weights) {
    EXPECT_EQ(weight.rule, InheritedWeight::Rule::kDonor) << weight.name << ": " << weight.reason;
  }
}

TEST(InheritTest, FewerChannelsAreThoseOfTheGreatestNorm) {
  const ir::Graph donor = Network("double", {});
  const ir::Graph child = Network("narrow", {});
  const InheritPlan plan = PlanInheritance(child, donor, {});
  ParameterStore theirs(at::kDouble, 1);
  const absl::StatusOr<Program> donor_program = BuildProgram(donor);
  const absl::StatusOr<Program> child_program = BuildProgram(child);
  ASSERT_TRUE(donor_program.ok() && child_program.ok());
  for (const ProgramParam& param : donor_program->params) ASSERT_TRUE(theirs.Get(param).ok());
  // Whatever makes the channels of the first stage, which a sum joins, makes these the greatest.
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : theirs.tensors()) {
    if (tensor.dim() != 4 || tensor.size(0) != 8) continue;
    for (const int channel : {1, 4, 6, 7}) tensor[channel].mul_(100);
  }
  ParameterStore ours(at::kDouble, 2);
  ASSERT_TRUE(InheritWeights(plan, theirs.tensors(), *child_program, 5, ours).ok());
  const at::Tensor& stem = theirs.tensors().at("stem.conv.weight");
  const at::Tensor& kept = ours.tensors().at("stem.conv.weight");
  int i = 0;
  for (const int channel : {1, 4, 6, 7}) EXPECT_TRUE(kept[i++].equal(stem[channel])) << channel;
}

TEST(InheritTest, WhatIsDeclaredFreshAndOtherClassesStartAnew) {
  const ir::Graph graph = Network("narrow", {});
  const InheritPlan plan = PlanInheritance(graph, graph, {{}, {"head"}});
  EXPECT_FALSE(plan.preserves);
  for (const InheritedWeight& weight : plan.weights) {
    const bool head = weight.name.rfind("head.", 0) == 0;
    EXPECT_EQ(weight.rule, head ? InheritedWeight::Rule::kFresh : InheritedWeight::Rule::kDonor);
  }
}

TEST(InheritTest, WhatIsClaimedToBePreservedIs) {
  Rng rng(21);
  const auto below = [&](uint64_t n) { return rng.Below(n); };
  const char* const scales[] = {"narrow", "double", "wide"};
  int preserved = 0;
  for (int i = 0; i < 60; ++i) {
    const ir::Graph donor = Lowered(scales[rng.Below(3)]);
    const ir::Graph child = Lowered(scales[rng.Below(3)]);
    const Architecture architecture = DrawArchitecture(donor.decisions, below).architecture;
    // Mostly a relative: one that differs in one decision.
    const Architecture other = i % 3 == 0 ? DrawArchitecture(child.decisions, below).architecture
                                          : DrawNeighbour(child.decisions, architecture, below);
    const Grown grown =
        Grow(Fixed(donor, architecture), Fixed(child, other), OperationsOf(child.decisions));
    if (!grown.plan.preserves) continue;
    ++preserved;
    EXPECT_LT(grown.difference, 1e-9)
        << Print(architecture, donor) << "at " << donor.scale << " to " << child.scale << "\n"
        << Print(other, child);
  }
  EXPECT_GT(preserved, 10);
}

// A cell that another one follows at twice the width, with the cells of the paper.
TEST(InheritTest, CellsOfAStackGrowWiderAndComputeTheSame) {
  Diagnostics diagnostics;
  const auto lowered = [&](const std::string& scale) {
    return *LowerFile("examples/darts/darts.space", scale, diagnostics);
  };
  const ir::Graph small = lowered("search");
  Rng rng(11);
  const Architecture architecture =
      DrawArchitecture(small.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
  ExpectPreserved(Fixed(small, architecture), Fixed(lowered("shallow_final"), architecture),
                  OperationsOf(small.decisions));
}

TEST(InheritTest, DeeperStacksInheritFromTheNearestCell) {
  Diagnostics diagnostics;
  const auto lowered = [&](const std::string& scale) {
    return *LowerFile("examples/darts/darts.space", scale, diagnostics);
  };
  const ir::Graph small = lowered("quick");
  const ir::Graph large = lowered("search");
  Rng rng(12);
  const Architecture architecture =
      DrawArchitecture(small.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
  const Grown grown =
      Grow(Fixed(small, architecture), Fixed(large, architecture), OperationsOf(small.decisions));
  EXPECT_FALSE(grown.plan.preserves);
  for (const InheritedWeight& weight : grown.plan.weights) {
    if (weight.name.rfind("stage0.cell1.normal.n0", 0) != 0) continue;
    EXPECT_EQ(weight.donor.rfind("stage0.cell0.normal.n0", 0), 0u) << weight.donor;
    EXPECT_EQ(weight.match, NameRule::kOtherCell);
  }
}

}  // namespace
}  // namespace nasc
