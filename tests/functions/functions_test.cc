// What function hashes claim, on random weights: architectures of one hash compute the same numbers
// with the same weights in their places, those of two hashes do not, however weights are exchanged.

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "tests/functions/random_network.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

constexpr double kEqual = 1e-13;
constexpr double kUnlike = 1e-10;
constexpr int kPairs = 30;

struct Cell {
  Architecture architecture;
  Hash128 exact;
  Hash128 tree;
};

class FunctionsTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    graph_ = LowerFile("tests/functions/cells.space", GetParam(), diagnostics);
    ASSERT_TRUE(graph_.has_value()) << diagnostics.Render();
    exact_.emplace(*graph_);
    FunctionHasher trees(*graph_, *FindRuleSet("operations"));
    ForEachArchitecture(graph_->decisions, {}, [&](const Architecture& architecture) {
      cells_.push_back({architecture, exact_->Of(architecture), trees.Of(architecture)});
      return true;
    });
    std::shuffle(cells_.begin(), cells_.end(), std::mt19937(1));
  }

  // Which of a cell's weights are its own; the rest are the stem's and the head's.
  std::vector<size_t> Own(const Cell& cell) {
    const std::vector<std::string> names = exact_->WeightsOf(cell.architecture);
    std::vector<size_t> own;
    for (size_t i = 0; i < names.size(); ++i) {
      if (absl::StrContains(names[i], "normal")) own.push_back(i);
    }
    return own;
  }

  // Pairs of cells that agree in one hash and not, or also, in the other; each cell once.
  std::vector<std::pair<Cell, Cell>> Pairs(bool equal) {
    std::vector<std::pair<Cell, Cell>> pairs;
    absl::flat_hash_map<Hash128, std::vector<Cell>> waiting;
    for (const Cell& cell : cells_) {
      // Few enough weights to try every exchange.
      if (!equal && Own(cell).size() > 4) continue;
      std::vector<Cell>& alike = waiting[equal ? cell.exact : cell.tree];
      const auto partner = std::find_if(alike.begin(), alike.end(), [&](const Cell& other) {
        return (other.exact == cell.exact) == equal;
      });
      if (partner == alike.end()) {
        alike.push_back(cell);
        continue;
      }
      pairs.emplace_back(*partner, cell);
      alike.erase(partner);
      if (pairs.size() == kPairs) break;
    }
    return pairs;
  }

  std::vector<double> Logits(const Cell& cell, const std::vector<int>& streams) {
    const auto logits =
        RandomLogits(*graph_, cell.architecture, exact_->WeightsOf(cell.architecture), streams);
    EXPECT_TRUE(logits.ok()) << logits.status();
    return logits.ok() ? *logits : std::vector<double>();
  }

  std::vector<int> Streams(const Cell& cell) {
    std::vector<int> streams(exact_->WeightsOf(cell.architecture).size());
    std::iota(streams.begin(), streams.end(), 0);
    return streams;
  }

  std::string Text(const Cell& cell) const { return Print(cell.architecture, *graph_); }

  std::optional<ir::Graph> graph_;
  std::optional<FunctionHasher> exact_;
  std::vector<Cell> cells_;
};

TEST_P(FunctionsTest, EqualHashesComputeTheSame) {
  const auto pairs = Pairs(/*equal=*/true);
  ASSERT_EQ(pairs.size(), static_cast<size_t>(kPairs));
  for (const auto& [a, b] : pairs) {
    EXPECT_LT(Distance(Logits(a, Streams(a)), Logits(b, Streams(b))), kEqual) << Text(a) << Text(b);
  }
}

// The hardest: equal as trees of operations, so that only what is shared differs.
TEST_P(FunctionsTest, UnlikeHashesDoNotHoweverWeightsAreExchanged) {
  const auto pairs = Pairs(/*equal=*/false);
  ASSERT_EQ(pairs.size(), static_cast<size_t>(kPairs));
  for (const auto& [a, b] : pairs) {
    const std::vector<double> logits = Logits(a, Streams(a));
    const std::vector<size_t> own = Own(b);
    std::vector<size_t> exchanged = own;
    do {
      std::vector<int> streams = Streams(b);
      for (size_t i = 0; i < own.size(); ++i) streams[own[i]] = static_cast<int>(exchanged[i]);
      EXPECT_GT(Distance(logits, Logits(b, streams)), kUnlike) << Text(a) << Text(b);
    } while (std::next_permutation(exchanged.begin(), exchanged.end()));
  }
}

INSTANTIATE_TEST_SUITE_P(Scales, FunctionsTest, ::testing::Values("search", "final"));

}  // namespace
}  // namespace nasc
