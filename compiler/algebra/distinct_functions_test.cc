#include "compiler/algebra/distinct_functions.h"

#include <optional>
#include <string>

#include "compiler/algebra/function_hash.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

ir::Graph Lowered(const std::string& file, const std::string& scale) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile(file, scale, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

double NasBench201(const std::string& scale, const std::string& rules) {
  const ir::Graph graph = Lowered("examples/nasbench201/nasbench201.space", scale);
  FunctionHasher hasher(graph, *FindRuleSet(rules));
  const DistinctFunctions distinct = CountFunctions(
      graph, [&](const Architecture& architecture) { return hasher.Of(architecture); });
  EXPECT_EQ(distinct.all.kind, FunctionCount::Kind::kExact);
  EXPECT_EQ(distinct.all.architectures, 15625u);
  return distinct.all.functions;
}

// `search` has batch norms without bias, which give zeros for zeros; `final` has them with bias.
TEST(DistinctFunctionsTest, NasBench201) {
  EXPECT_EQ(NasBench201("search", "exact"), 5044);
  EXPECT_EQ(NasBench201("final", "exact"), 5221);
}

TEST(DistinctFunctionsTest, NasBench201AsTreesOfOperations) {
  EXPECT_EQ(NasBench201("search", "operations"), 4930);
  EXPECT_EQ(NasBench201("final", "operations"), 5545);
}

// Too many to look at each, and no two of a sample are equal: of the whole little is known, of a
// cell that most are functions of their own.
TEST(DistinctFunctionsTest, DartsIsEstimated) {
  const ir::Graph graph = Lowered("examples/darts/darts.space", "quick");
  FunctionHasher hasher(graph);
  const DistinctFunctions distinct = CountFunctions(
      graph, [&](const Architecture& architecture) { return hasher.Of(architecture); },
      {/*enumerate=*/1000, /*samples=*/300, /*group_samples=*/3000});
  EXPECT_EQ(distinct.all.kind, FunctionCount::Kind::kBetween);
  EXPECT_EQ(distinct.all.architectures, 300u);
  EXPECT_EQ(distinct.all.ToString(), "1.5e+04 to 1.08e+18 (95%)");
  ASSERT_EQ(distinct.groups.size(), 2u);
  EXPECT_EQ(distinct.groups[0].name, "normal");
  EXPECT_EQ(distinct.groups[1].name, "reduction");
  EXPECT_EQ(distinct.groups[0].count.architectures, 3000u);
  EXPECT_EQ(distinct.groups[0].count.ToString(), "1.5e+06 to 1.04e+09 (95%)");
}

// The estimate of a space that can be counted is near its number.
TEST(DistinctFunctionsTest, EstimatesAreNearWhatIsCounted) {
  const ir::Graph graph = Lowered("examples/nasbench201/nasbench201.space", "search");
  FunctionHasher hasher(graph);
  const FunctionCount estimate =
      CountFunctions(graph,
                     [&](const Architecture& architecture) { return hasher.Of(architecture); },
                     {/*enumerate=*/1000, /*samples=*/4000})
          .all;
  EXPECT_EQ(estimate.kind, FunctionCount::Kind::kEstimate);
  EXPECT_GT(estimate.error, 0);
  // Chao's number lies low where some functions have many architectures.
  EXPECT_GT(estimate.functions, 0.7 * 5044);
  EXPECT_LT(estimate.functions, 1.1 * 5044);
}

}  // namespace
}  // namespace nasc
