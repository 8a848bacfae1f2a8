#include "strategies/trial/decision_space.h"

#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

ir::Decision Choice(const std::string& path, int options) {
  ir::Decision decision;
  decision.path = path;
  for (int i = 0; i < options; ++i) decision.options.push_back(std::string(1, 'a' + i % 26));
  decision.relaxed_only.assign(options, false);
  return decision;
}

ir::Decision Subset(const std::string& path, int options, int least, int most) {
  ir::Decision decision = Choice(path, options);
  decision.kind = ir::Decision::Kind::kSome;
  decision.least = least;
  decision.most = most;
  return decision;
}

ir::Graph Plain() {
  ir::Graph graph;
  for (int i = 0; i < 40; ++i)
    graph.decisions.push_back(Choice("d" + std::to_string(i), 3 + i % 5));
  graph.decisions[7].relaxed_only[1] = true;
  return graph;
}

// Sets, and a choice that is alive only while an option of the first one is taken.
ir::Graph Conditional() {
  ir::Graph graph;
  graph.decisions.push_back(Choice("first", 3));
  graph.decisions.push_back(Subset("some", 70, 0, 3));
  graph.decisions.push_back(Choice("then", 4));
  graph.decisions[2].alive = ir::Takes(graph.decisions[0], 0, 1);
  return graph;
}

TEST(DecisionSpaceTest, CodesAndArchitecturesAreTheSame) {
  for (const ir::Graph& graph : {Plain(), Conditional()}) {
    const DecisionSpace space(graph);
    Rng rng(1);
    for (int i = 0; i < 300; ++i) {
      const Architecture architecture =
          DrawArchitecture(graph.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
      const ArchitectureCode code = space.Encode(architecture);
      EXPECT_EQ(space.Decode(code), architecture);
      for (size_t d = 0; d < graph.decisions.size(); ++d) {
        const std::vector<int>& picks = architecture.picks[d];
        if (graph.decisions[d].kind == ir::Decision::Kind::kOne) {
          EXPECT_EQ(space.Pick(code, d), picks.empty() ? -1 : picks[0]);
        } else {
          for (size_t option = 0; option < graph.decisions[d].options.size(); ++option) {
            EXPECT_EQ(space.Takes(code, d, option), absl::c_linear_search(picks, option));
          }
        }
      }
    }
  }
}

// A plain space is drawn without architectures; it draws what the general way draws.
TEST(DecisionSpaceTest, PlainSpacesDrawTheSameArchitectures) {
  const ir::Graph graph = Plain();
  const DecisionSpace space(graph);
  Rng rng(5);
  Rng same(5);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(space.Decode(space.Draw(rng)), DrawArchitecture(graph.decisions, [&](uint64_t n) {
                                               return same.Below(n);
                                             }).architecture);
  }
}

TEST(DecisionSpaceTest, MutationsAreTheNeighbours) {
  ir::Graph small;
  small.decisions = {Choice("a", 3), Choice("b", 1), Choice("c", 4)};
  small.decisions[2].relaxed_only[0] = true;
  for (const ir::Graph& graph : {small, Conditional()}) {
    const DecisionSpace space(graph);
    Rng rng(2);
    for (int i = 0; i < 20; ++i) {
      const ArchitectureCode code = space.Draw(rng);
      std::set<ArchitectureCode> mutations;
      for (int j = 0; j < 5000; ++j) mutations.insert(space.Mutate(code, rng));
      EXPECT_EQ(mutations.count(code), 0);
      if (graph.decisions.size() != small.decisions.size() || graph.decisions[1].options.size() > 1)
        continue;
      const std::vector<ArchitectureCode> neighbours = space.Neighbours(code, rng);
      EXPECT_EQ(mutations, std::set<ArchitectureCode>(neighbours.begin(), neighbours.end()));
    }
  }
}

TEST(DecisionSpaceTest, WithNothingToChangeAMutationIsTheSame) {
  ir::Graph graph;
  graph.decisions = {Choice("only", 1)};
  const DecisionSpace space(graph);
  Rng rng(3);
  const ArchitectureCode code = space.Draw(rng);
  EXPECT_EQ(space.Mutate(code, rng), code);
}

}  // namespace
}  // namespace nasc
