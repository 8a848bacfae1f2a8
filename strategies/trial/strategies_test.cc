// The strategies that need no network, on spaces whose optimum is known.
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/draw.h"
#include "dsl/diagnostics.h"
#include "gtest/gtest.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

constexpr const char* kAll[] = {"evolution", "exhaustive", "local_search", "nsga2", "tpe"};

ir::Decision Choice(const std::string& path, int options) {
  ir::Decision decision;
  decision.path = path;
  for (int i = 0; i < options; ++i) decision.options.push_back(std::string(1, 'a' + i));
  decision.relaxed_only.assign(options, false);
  return decision;
}

ir::Graph Plain() {
  ir::Graph graph;
  for (int i = 0; i < 6; ++i) graph.decisions.push_back(Choice("d" + std::to_string(i), 4));
  graph.decisions[2].relaxed_only[1] = true;
  return graph;
}

// A set, a choice that is alive only with an option of the first one, and a constraint: the second
// choice takes no option after c.
ir::Graph Conditional() {
  ir::Graph graph;
  graph.decisions = {Choice("first", 3), Choice("second", 4), Choice("some", 6), Choice("then", 4)};
  graph.decisions[2].kind = ir::Decision::Kind::kSome;
  graph.decisions[2].least = 1;
  graph.decisions[2].most = 3;
  graph.decisions[3].alive = ir::Takes(graph.decisions[0], 0, 2);
  ir::Constraint constraint;
  using Number = ir::Diagram<int64_t>;
  constraint.value = ir::Dim(Number::Choice(ir::VariableOf(graph.decisions[1], 1, 3),
                                            {Number(0), Number(0), Number(0), Number(1)}));
  graph.constraints.push_back(constraint);
  return graph;
}

// Every option counts on its own, a later one more; with `then` = d more than without.
double Goodness(const Architecture& architecture) {
  double sum = 0;
  for (const std::vector<int>& picks : architecture.picks) {
    for (int pick : picks) sum += 1 + pick;
  }
  return sum;
}

// The space outlives the strategy.
struct Search {
  explicit Search(const std::string& name, const ir::Graph& of, uint64_t seed = 1,
                  std::map<std::string, double> settings = {}, int objectives = 1)
      : graph(of), space(graph) {
    const StrategyInfo* const info = FindStrategy(name);
    std::vector<OptionSpec> specs = info->options;
    for (OptionSpec& spec : specs) {
      if (settings.count(spec.name) > 0) spec.number = settings[spec.name];
    }
    Diagnostics diagnostics;
    strategy = *info->make_trial({space, graph, 1000, objectives, seed},
                                 ReadOptions(name, specs, {}, diagnostics));
  }

  // The architectures that are tried.
  std::vector<Architecture> Run(int trials) {
    std::vector<Architecture> tried;
    for (int i = 0; i < trials; ++i) {
      const std::optional<ArchitectureCode> proposed = strategy->Propose();
      if (!proposed.has_value()) break;
      tried.push_back(space.Decode(*proposed));
      strategy->Observe(*proposed, {Goodness(tried.back())});
    }
    return tried;
  }

  const ir::Graph graph;
  const DecisionSpace space;
  std::unique_ptr<TrialStrategy> strategy;
};

std::vector<Architecture> Enumerated(const ir::Graph& graph) {
  std::vector<Architecture> all;
  ForEachArchitecture(graph.decisions, graph.constraints, [&](const Architecture& architecture) {
    all.push_back(architecture);
    return true;
  });
  return all;
}

double Best(const std::vector<Architecture>& architectures) {
  double best = 0;
  for (const Architecture& architecture : architectures) {
    best = std::max(best, Goodness(architecture));
  }
  return best;
}

TEST(StrategiesTest, FindTheOptimumWithinTheConstraints) {
  for (const ir::Graph& graph : {Plain(), Conditional()}) {
    const std::vector<Architecture> all = Enumerated(graph);
    for (const char* name : kAll) {
      const std::vector<Architecture> tried =
          Search(name, graph).Run(name == std::string("exhaustive") ? 5000 : 600);
      EXPECT_EQ(Best(tried), Best(all)) << name;
      for (const Architecture& architecture : tried) {
        EXPECT_TRUE(std::find(all.begin(), all.end(), architecture) != all.end()) << name;
      }
    }
  }
}

TEST(StrategiesTest, AreFunctionsOfTheSeed) {
  for (const ir::Graph& graph : {Plain(), Conditional()}) {
    for (const char* name : kAll) {
      EXPECT_EQ(Search(name, graph, 7).Run(100), Search(name, graph, 7).Run(100)) << name;
      if (name == std::string("exhaustive")) continue;
      EXPECT_FALSE(Search(name, graph, 7).Run(100) == Search(name, graph, 8).Run(100)) << name;
    }
  }
}

TEST(StrategiesTest, GoOnWhereNothingCanBeChanged) {
  ir::Graph graph;
  graph.decisions = {Choice("only", 1)};
  for (const char* name : kAll) {
    const size_t tried = Search(name, graph).Run(100).size();
    EXPECT_EQ(tried, name == std::string("exhaustive") ? 1 : 100) << name;
  }
}

TEST(ExhaustiveTest, TriesEveryArchitectureOnceInOrder) {
  for (const ir::Graph& graph : {Plain(), Conditional(), ir::Graph()}) {
    EXPECT_EQ(Search("exhaustive", graph).Run(100000), Enumerated(graph));
  }
}

TEST(EvolutionTest, TheOldestDiesHoweverGood) {
  const std::vector<Architecture> tried =
      Search("evolution", Plain(), 3, {{"population", 3}, {"sample", 50}}).Run(200);
  for (size_t i = 3; i < tried.size(); ++i) {
    // With so large a sample the parent is the best of the last three.
    double parents = 0;
    for (size_t p = i - 3; p < i; ++p) parents = std::max(parents, Goodness(tried[p]));
    bool child = false;
    for (size_t p = i - 3; p < i; ++p) {
      int changed = 0;
      for (size_t d = 0; d < 6; ++d) changed += tried[p].picks[d] != tried[i].picks[d] ? 1 : 0;
      child |= changed == 1 && Goodness(tried[p]) == parents;
    }
    EXPECT_TRUE(child) << i;
  }
}

// Without a local optimum the first climb reaches the top; until then none comes twice.
TEST(LocalSearchTest, TriesNoArchitectureTwiceInAClimb) {
  for (double steepest : {0.0, 1.0}) {
    Search search("local_search", Plain(), 2, {{"initial", 5}, {"steepest", steepest}});
    std::set<std::vector<std::vector<int>>> seen;
    bool optimum = false;
    for (const Architecture& architecture : search.Run(3000)) {
      EXPECT_TRUE(seen.insert(architecture.picks).second);
      optimum |= Goodness(architecture) == 24;
      if (optimum) break;
    }
    EXPECT_TRUE(optimum);
  }
}

// Every architecture is on the front of a sum and its opposite; crowding drives to the ends.
TEST(Nsga2Test, FindsBothEndsOfTheFront) {
  Search search("nsga2", Plain(), 1, {}, /*objectives=*/2);
  std::set<double> sums;
  for (int i = 0; i < 2000; ++i) {
    const ArchitectureCode code = *search.strategy->Propose();
    const double sum = Goodness(search.space.Decode(code));
    sums.insert(sum);
    search.strategy->Observe(code, {sum, -sum});
  }
  EXPECT_EQ(*sums.begin(), 6);
  EXPECT_EQ(*sums.rbegin(), 24);
}

}  // namespace
}  // namespace nasc
