#include "compiler/cost.h"

#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "compiler/draw.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

ir::Graph Darts(const std::string& scale) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile("examples/darts/darts.space", scale, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

ir::Graph SecondOrder() {
  const ir::Graph supernet = Darts("final");
  std::ifstream file("examples/darts/second_order.arch");
  std::ostringstream text;
  text << file.rdbuf();
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture = ParseArchitecture(
      std::make_shared<const SourceFile>("second_order.arch", text.str()), supernet, diagnostics);
  EXPECT_TRUE(architecture.has_value()) << diagnostics.Render();
  if (!architecture.has_value()) return {};
  const absl::StatusOr<ir::Graph> fixed = Fix(supernet, *architecture);
  EXPECT_TRUE(fixed.ok()) << fixed.status();
  return fixed.ok() ? *fixed : ir::Graph{};
}

TEST(CostTest, DartsSupernet) {
  const absl::StatusOr<ir::Graph> mixture = RelaxToMixture(Darts("search"));
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  EXPECT_EQ(CostOf(*mixture, {"logits"}).weights, 1930618);
}

// What the published network of the paper's second-order cells counts.
TEST(CostTest, DartsSecondOrderCells) {
  const ir::Graph network = SecondOrder();
  EXPECT_EQ(CostOf(network, {"logits"}).weights, 3349342);
  EXPECT_EQ(CostOf(network, {"logits"}).macs, 528359040);
  EXPECT_EQ(CostOf(network, {"logits", "auxiliary"}).weights, 3825768);
}

TEST(CostTest, KeepsWhatTheResultsNeed) {
  const ir::Graph network = SecondOrder();
  const ir::Graph kept = KeepResults(network, {"auxiliary"});
  ASSERT_EQ(kept.results.size(), 1u);
  EXPECT_EQ(kept.results[0].name, "auxiliary");
  EXPECT_EQ(kept.results[0].loss_weight, 0.4);
  EXPECT_LT(kept.instructions.size(), network.instructions.size());
  EXPECT_EQ(CostOf(kept, {"logits"}).weights, 0);
}

// The cost of an operation of std.cnn on 8 channels of 8x8.
Cost CostOfOperation(const std::string& operation) {
  Diagnostics diagnostics;
  const std::string text = absl::StrCat(R"(space single version 1.0.0
import std.cnn
import std.mobile
cell c(x) {
  node n[1] {
    edges 1 of earlier { identity }
    merge sum
  }
  output sum(n)
}
network {
  input image(8, 8, 8) classes 2
  stem  )",
                                        operation, R"(
  stack 1 { else: c }
  head  global_avg_pool -> linear(classes, bias = 0)
}
scale s { width = 8 }
)");
  const std::optional<ir::Graph> supernet = LowerText(text, "s", diagnostics);
  EXPECT_TRUE(supernet.has_value()) << diagnostics.Render();
  if (!supernet.has_value()) return {};
  const absl::StatusOr<ir::Graph> graph = RelaxToMixture(*supernet);
  EXPECT_TRUE(graph.ok()) << graph.status();
  if (!graph.ok()) return {};
  Cost cost = CostOf(*graph, {"logits"});
  const int64_t head = 2 * graph->instructions[graph->results[0].value - 1].type.dims[1].value();
  cost.weights -= head;
  cost.macs -= head;
  return cost;
}

TEST(CostTest, ResidualBlock) {
  const Cost same = CostOfOperation("residual_block(filters = 8)");
  EXPECT_EQ(same.weights, 2 * (8 * 8 * 9 + 2 * 8));
  EXPECT_EQ(same.macs, 2 * (8 * 8 * 9) * 64);
  const Cost halved = CostOfOperation("residual_block(filters = 16, stride = 2)");
  EXPECT_EQ(halved.weights, (16 * 8 * 9 + 2 * 16) + (16 * 16 * 9 + 2 * 16) + 16 * 8);
  EXPECT_EQ(halved.macs, (16 * 8 * 9 + 16 * 16 * 9 + 16 * 8) * 16);
}

TEST(CostTest, SqueezeExcite) {
  const Cost cost = CostOfOperation("squeeze_excite(1/4)");
  EXPECT_EQ(cost.weights, 2 * 8 + 8 * 2);
  EXPECT_EQ(cost.macs, 2 * 8 + 8 * 2);  // one value a channel
  EXPECT_EQ(CostOfOperation("squeeze_excite(0)").weights, 0);
}

TEST(CostTest, MbConv) {
  const int64_t expand = 24 * 8 + 2 * 24;
  const int64_t depthwise = 24 * 9 + 2 * 24;
  EXPECT_EQ(CostOfOperation("mbconv(3, 3, filters = 8)").weights,
            expand + depthwise + 8 * 24 + 2 * 8);
  const Cost strided = CostOfOperation("mbconv(3, 3, filters = 16, stride = 2)");
  EXPECT_EQ(strided.weights, expand + depthwise + 16 * 24 + 2 * 16);
  EXPECT_EQ(strided.macs, 24 * 8 * 64 + 24 * 9 * 16 + 16 * 24 * 16);
  // The ratio of the squeeze is of the expanded channels.
  EXPECT_EQ(CostOfOperation("mbconv(5, 3, 1/4, filters = 8)").weights,
            expand + (24 * 25 + 2 * 24) + 2 * (24 * 6) + 8 * 24 + 2 * 8);
}

TEST(CostTest, Others) {
  EXPECT_EQ(CostOfOperation("relu_conv_bn(1, filters = 4)").weights, 8 * 4 + 2 * 4);
  EXPECT_EQ(CostOfOperation("sep_conv(3, filters = 8)").weights, 2 * (8 * 9 + 8 * 8 + 2 * 8));
  EXPECT_EQ(CostOfOperation("dil_conv(5, filters = 8)").weights, 8 * 25 + 8 * 8 + 2 * 8);
  EXPECT_EQ(CostOfOperation("skip_connect(filters = 8)").weights, 0);
  EXPECT_EQ(CostOfOperation("skip_connect(filters = 8, stride = 2)").weights, 8 * 8 + 2 * 8);
}

TEST(CostTest, OfArchitecturesOneByOne) {
  for (const std::string& name : std::vector<std::string>{"darts", "nas_rl", "sonn"}) {
    Diagnostics diagnostics;
    const auto supernet = LowerFile(absl::StrCat("examples/", name, "/", name, ".space"),
                                    name == "sonn" ? "" : "quick", diagnostics);
    ASSERT_TRUE(supernet.has_value()) << diagnostics.Render();
    const CostMeter meter(*supernet, {"logits"});
    const Cost least = meter.AtLeast();
    std::mt19937_64 random(1);
    for (int i = 0; i < 20; ++i) {
      const Architecture architecture = DrawArchitecture(supernet->decisions, [&](uint64_t n) {
                                          return random() % n;
                                        }).architecture;
      const absl::StatusOr<ir::Graph> graph = Fix(*supernet, architecture);
      ASSERT_TRUE(graph.ok()) << graph.status();
      const Cost wanted = CostOf(*graph, {"logits"});
      const Cost cost = meter.Of(architecture);
      EXPECT_EQ(cost.weights, wanted.weights) << name;
      EXPECT_EQ(cost.macs, wanted.macs) << name;
      EXPECT_EQ(cost.activations, wanted.activations) << name;
      EXPECT_LE(least.weights, cost.weights) << name;
      EXPECT_LE(least.macs, cost.macs) << name;
      EXPECT_LE(least.activations, cost.activations) << name;
    }
  }
}

}  // namespace
}  // namespace nasc
