// All 15,625 cells of NAS-Bench-201 on random weights: those of one function hash compute the same
// numbers, those of two do not. Takes minutes, so it runs by name only.

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "tests/functions/random_network.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

constexpr double kEqual = 1e-13;
constexpr double kUnlike = 1e-10;

class AllCellsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AllCellsTest, OneHashOneFunction) {
  Diagnostics diagnostics;
  const std::optional<ir::Graph> graph =
      LowerFile("tests/functions/cells.space", GetParam(), diagnostics);
  ASSERT_TRUE(graph.has_value()) << diagnostics.Render();
  FunctionHasher hasher(*graph);
  absl::flat_hash_map<Hash128, std::vector<double>> functions;
  double farthest_equal = 0;
  int cells = 0;
  ForEachArchitecture(graph->decisions, {}, [&](const Architecture& architecture) {
    const std::vector<std::string> weighted = hasher.WeightsOf(architecture);
    std::vector<int> streams(weighted.size());
    std::iota(streams.begin(), streams.end(), 0);
    const auto logits = RandomLogits(*graph, architecture, weighted, streams);
    EXPECT_TRUE(logits.ok()) << logits.status();
    if (!logits.ok()) return false;
    const auto [known, is_new] = functions.try_emplace(hasher.Of(architecture), *logits);
    if (!is_new) farthest_equal = std::max(farthest_equal, Distance(known->second, *logits));
    ++cells;
    return true;
  });
  EXPECT_EQ(cells, 15625);
  EXPECT_LT(farthest_equal, kEqual);

  // By the first logit, the nearest pair of functions that differ is among neighbours.
  std::vector<std::vector<double>> outputs;
  for (const auto& [hash, logits] : functions) outputs.push_back(logits);
  std::sort(outputs.begin(), outputs.end());
  double nearest_unlike = 1e-6;
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (size_t k = i + 1; k < outputs.size() && outputs[k][0] - outputs[i][0] < 1e-6; ++k) {
      nearest_unlike = std::min(nearest_unlike, Distance(outputs[i], outputs[k]));
    }
  }
  EXPECT_GT(nearest_unlike, kUnlike);
  std::printf("%s: %zu functions; equal within %.1e, unlike by %.1e at least\n", GetParam().c_str(),
              functions.size(), farthest_equal, nearest_unlike);
}

INSTANTIATE_TEST_SUITE_P(Scales, AllCellsTest, ::testing::Values("search", "final"));

}  // namespace
}  // namespace nasc
