#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "strategies/registry.h"
#include "strategies/trial/decision_space.h"
#include "strategies/trial/growing_space.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

ir::Graph Lowered(std::optional<ir::Graph> graph, const Diagnostics& diagnostics) {
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *std::move(graph) : ir::Graph();
}

ir::Graph SonnGraph() {
  Diagnostics diagnostics;
  auto graph = LowerFile("examples/sonn/sonn.space", "", diagnostics);
  return Lowered(std::move(graph), diagnostics);
}

// A space of one cell over three features with that body.
ir::Graph Cell(const std::string& body, const std::string& rest = "") {
  Diagnostics diagnostics;
  auto graph = LowerText(absl::StrCat(R"(space s version 1.0.0
ops surfaces(a, b) {
  linear = affine(a, b)
  bilinear = affine(a, b, multiply(a, b))
}
cell grown(each feature) {
)",
                                      body, R"(
}
network {
  input features(3)  regression 1
  body grown
}
)",
                                      rest),
                         "", diagnostics);
  return Lowered(std::move(graph), diagnostics);
}

constexpr char kFourNodes[] =
    "node n[1..4] { slots 2 of earlier as (a, b)  then one of surfaces(a, b) } output last";

absl::StatusOr<std::unique_ptr<TrialStrategy>> Make(const TrialContext& context,
                                                    const std::string& settings = "") {
  Diagnostics diagnostics;
  const StrategyInfo& info = *FindStrategy("sonn");
  const Sources sources = LoadSourcesFromText(
      "t.space", absl::StrCat("search s { strategy sonn { ", settings, " } }"), diagnostics);
  const Options options =
      ReadOptions("strategy sonn", info.options,
                  sources.root().file.searches.at(0).strategy->config, diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return info.make_trial(context, options);
}

// The nodes of a network, values numbered as in JoiningNode.
std::vector<JoiningNode> NodesOf(const Architecture& architecture) {
  std::vector<JoiningNode> nodes(architecture.picks[0][0] + 1);
  for (size_t i = 0; i < nodes.size(); ++i) {
    nodes[i] = {architecture.picks[1 + 3 * i][0], architecture.picks[2 + 3 * i][0],
                architecture.picks[3 + 3 * i][0]};
  }
  return nodes;
}

// A strategy at work.
class Growth {
 public:
  Growth(ir::Graph graph, uint64_t seed, const std::string& settings = "")
      : graph_(std::move(graph)), space_(graph_) {
    auto made = Make({space_, graph_, 1000, 1, seed}, settings);
    EXPECT_TRUE(made.ok()) << made.status();
    strategy_ = *std::move(made);
  }

  // The nodes of the next network; nothing at the end.
  std::optional<std::vector<JoiningNode>> Propose() {
    const auto proposed = strategy_->Propose();
    if (!proposed.has_value()) return std::nullopt;
    code_ = *proposed;
    return NodesOf(architecture());
  }
  void Observe(double objective) { strategy_->Observe(code_, {objective}); }

  Architecture architecture() const { return space_.Decode(code_); }
  const DecisionSpace& space() const { return space_; }

 private:
  const ir::Graph graph_;
  const DecisionSpace space_;
  std::unique_ptr<TrialStrategy> strategy_;
  ArchitectureCode code_;
};

// What node `place` computes as a text, which names it in every network.
std::string Name(const std::vector<JoiningNode>& nodes, int inputs, int value) {
  if (value < inputs) return absl::StrCat("f", value);
  const JoiningNode& node = nodes[value - inputs];
  return absl::StrCat("(", Name(nodes, inputs, node.a), " ", Name(nodes, inputs, node.b), " ",
                      node.surface, ")");
}

// An objective that is a function of what the network computes, and better for larger ones.
double Objective(const std::string& name, uint64_t seed) {
  Rng rng(HashSeed(seed, name));
  return 10 * std::log(static_cast<double>(name.size())) + 5 * rng.Uniform();
}

TEST(GrowingSpaceTest, ReadsTheSpaceOfThePaper) {
  const absl::StatusOr<GrowingSpace> growing = GrowingSpace::Read(DecisionSpace(SonnGraph()));
  ASSERT_TRUE(growing.ok()) << growing.status();
  EXPECT_EQ(growing->inputs(), 12);
  EXPECT_EQ(growing->most_nodes(), 20);
  EXPECT_EQ(growing->surfaces(), (std::vector<int>{0, 1, 2, 3}));
}

TEST(GrowingSpaceTest, NetworksAreArchitectures) {
  const ir::Graph graph = SonnGraph();
  const absl::StatusOr<GrowingSpace> growing = GrowingSpace::Read(DecisionSpace(graph));
  const Architecture network = growing->Network({{3, 11, 1}, {12, 0, 3}});
  EXPECT_EQ(ChoicesIn(Print(network, graph)), R"(  grown.n = 2
  grown.n0.a.from = feature3
  grown.n0.b.from = feature11
  grown.n0.op = bilinear
  grown.n1.a.from = n0
  grown.n1.b.from = feature0
  grown.n1.op = quadratic
}
)");
}

TEST(GrowingSpaceTest, SaysWhichDecisionIsOfAnotherForm) {
  const std::map<std::string, std::string> wrong = {
      {"node n[4] { slots 2 of earlier as (a, b)  then one of surfaces(a, b) } output last",
       "decision 'grown.n0.a.from' comes first and is no count of nodes from 1"},
      {"node n[2..4] { slots 2 of earlier as (a, b)  then one of surfaces(a, b) } output last",
       "decision 'grown.n' comes first and is no count of nodes from 1"},
      {"node n[1..4] { slots 2 of earlier as (a, b)  then affine(a, b) } output last",
       "decision 'grown.n1.a.from' is no choice between the surfaces of the first node"},
      {"node n[1..4] { edges 2 of earlier { identity }  merge sum } output last",
       "decision 'grown.n0.edges' takes several options"},
      {"node n[1..2] { edges 1 of earlier { identity }  merge sum } output last",
       "decision 'grown.n' counts more nodes than have two slots and a surface"},
      {"node n[1..4] { slots 2 of earlier { one of { relu tanh } }  merge sum } output last",
       "decision 'grown.n0.slot0.op' is no slot that takes every earlier value"},
  };
  for (const auto& [body, message] : wrong) {
    const ir::Graph graph = Cell(body);
    const DecisionSpace space(graph);
    const absl::Status status = Make({space, graph, 1000, 1, 1}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(message), std::string::npos) << status << "\n" << body;
  }
}

TEST(SonnTest, BeginsWithEveryInputAlone) {
  Growth growth(Cell(kFourNodes), 1);
  for (int input = 0; input < 3; ++input) {
    const auto proposed = growth.Propose();
    ASSERT_TRUE(proposed.has_value());
    EXPECT_EQ(*proposed, (std::vector<JoiningNode>{{input, input, 0}}));
    growth.Observe(static_cast<double>(input));
  }
}

// Of every network that is proposed, all nodes but the last were proposed before, as the output of
// a network of their own, and were better than both values that they join.
TEST(SonnTest, GrowsOnNodesThatAreBetterThanBothTheyJoin) {
  Growth growth(SonnGraph(), 3);
  std::map<std::string, double> objectives;
  int trials = 0;
  size_t largest = 0;
  while (trials < 2000) {
    const auto proposed = growth.Propose();
    if (!proposed.has_value()) break;
    const std::vector<JoiningNode> nodes = *proposed;
    for (int i = 0; i + 1 < static_cast<int>(nodes.size()); ++i) {
      const double objective = objectives.at(Name(nodes, 12, 12 + i));
      for (const int value : {nodes[i].a, nodes[i].b}) {
        const std::string joined =
            value < 12 ? absl::StrCat("(f", value, " f", value, " 0)") : Name(nodes, 12, value);
        EXPECT_GT(objective, objectives.at(joined));
      }
    }
    const std::string name = Name(nodes, 12, 11 + static_cast<int>(nodes.size()));
    EXPECT_EQ(objectives.count(name), 0u) << "a trial again: " << name;
    objectives[name] = Objective(name, 7);
    growth.Observe(objectives[name]);
    largest = std::max(largest, nodes.size());
    ++trials;
  }
  EXPECT_EQ(largest, 20u);
  EXPECT_GT(trials, 500);
}

TEST(SonnTest, IsAFunctionOfItsSeedAndOfWhatItSaw) {
  const auto names = [&](uint64_t seed, uint64_t world) {
    Growth growth(SonnGraph(), seed);
    std::vector<std::string> seen;
    for (int i = 0; i < 300; ++i) {
      const auto proposed = growth.Propose();
      if (!proposed.has_value()) break;
      const std::vector<JoiningNode> nodes = *proposed;
      seen.push_back(Name(nodes, 12, 11 + static_cast<int>(nodes.size())));
      growth.Observe(Objective(seen.back(), world));
    }
    return seen;
  };
  const std::vector<std::string> first = names(1, 7);
  EXPECT_EQ(first, names(1, 7));
  EXPECT_NE(first, names(2, 7));
  EXPECT_NE(first, names(1, 8));
}

// Annealing at a temperature near 0 goes only to what is no worse; where nothing else is, it ends.
TEST(SonnTest, EndsWhenItIsFrozen) {
  Growth growth(Cell(kFourNodes), 1, "temperature = 1e-9 moves = 40");
  int trials = 0;
  while (const auto proposed = growth.Propose()) {
    const std::vector<JoiningNode> nodes = *proposed;
    // Input 1 alone is the best of all.
    growth.Observe(nodes[0] == JoiningNode{1, 1, 0} ? 1.0 : 0.0);
    ASSERT_LE(++trials, 3 + 40);
  }
  EXPECT_GT(trials, 3);
}

// Where no node is better than an input, the values stay the inputs and networks have one node.
TEST(SonnTest, ATrainingThatDivergesIsNeverJoined) {
  Growth growth(Cell(kFourNodes), 1);
  for (int i = 0; i < 18; ++i) {
    const auto proposed = growth.Propose();
    if (!proposed.has_value()) break;
    EXPECT_EQ(proposed->size(), 1u);
    growth.Observe(-std::numeric_limits<double>::infinity());
  }
}

TEST(SonnTest, KeepsToTheConstraints) {
  Growth growth(Cell(kFourNodes, "require grown.n <= 2\nrequire count(bilinear) <= 1\n"), 1);
  ASSERT_EQ(growth.space().constraints().size(), 2u);
  size_t largest = 0;
  while (const auto proposed = growth.Propose()) {
    EXPECT_TRUE(Fulfils(growth.architecture(), growth.space().constraints()));
    const std::vector<JoiningNode> nodes = *proposed;
    largest = std::max(largest, nodes.size());
    growth.Observe(Objective(Name(nodes, 3, 2 + static_cast<int>(nodes.size())), 1));
  }
  EXPECT_EQ(largest, 2u);
}

}  // namespace
}  // namespace nasc
