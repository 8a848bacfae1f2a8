#include "strategies/one_shot/derivation.h"

#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

using Weights = std::vector<std::vector<double>>;

// Two of three edges, each a choice between `none` and two operations.
std::vector<ir::Decision> Node() {
  ir::Decision edges;
  edges.path = "n0.edges";
  edges.kind = ir::Decision::Kind::kSome;
  edges.least = edges.most = 2;
  edges.options = {"a", "b", "c"};
  edges.relaxed_only = {false, false, false};
  std::vector<ir::Decision> decisions = {edges};
  for (int i = 0; i < 3; ++i) {
    ir::Decision op;
    op.path = "n0." + edges.options[i] + ".op";
    op.options = {"none", "conv", "pool"};
    op.relaxed_only = {true, false, false};
    op.alive = ir::Takes(edges, 0, i);
    decisions.push_back(op);
  }
  return decisions;
}

TEST(DerivationTest, EdgesWeighAsMuchAsTheirBestOperation) {
  const Weights weights = {{}, {0.8, 0.1, 0.1}, {0.1, 0.3, 0.6}, {0.1, 0.5, 0.4}};
  const Architecture derived = DeriveStrongest(Node(), weights);
  EXPECT_EQ(derived.picks, (std::vector<std::vector<int>>{{1, 2}, {}, {2}, {1}}));
}

TEST(DerivationTest, WeightsOfEdgesAreFactors) {
  // 0.6 * 0.1, 0.2 * 0.6, 0.2 * 0.5: the first edge is light where `none` does not count.
  const Weights light = {{0.6, 0.2, 0.2}, {0.8, 0.1, 0.1}, {0.1, 0.3, 0.6}, {0.1, 0.5, 0.4}};
  EXPECT_EQ(DeriveStrongest(Node(), light).picks[0], (std::vector<int>{1, 2}));
  // 0.5 * 0.3, 0.2 * 0.6, 0.3 * 0.5: the operation that weighs most is on the edge that goes.
  const Weights heavy = {{0.5, 0.2, 0.3}, {0.4, 0.3, 0.3}, {0.1, 0.3, 0.6}, {0.1, 0.5, 0.4}};
  const Architecture derived = DeriveStrongest(Node(), heavy);
  EXPECT_EQ(derived.picks, (std::vector<std::vector<int>>{{0, 2}, {1}, {}, {1}}));
}

TEST(DerivationTest, EdgesWithoutAChoiceWeighWhatTheSubsetSays) {
  std::vector<ir::Decision> decisions = {Node()[0]};
  EXPECT_EQ(DeriveStrongest(decisions, {{0.2, 0.5, 0.3}}).picks[0], (std::vector<int>{1, 2}));
  EXPECT_EQ(DeriveStrongest(decisions, {{}}).picks[0], (std::vector<int>{0, 1}));
}

TEST(DerivationTest, WithoutWeightsTheFirstThatMayBeTaken) {
  const Architecture derived = DeriveStrongest(Node(), {{}, {}, {}, {}});
  EXPECT_EQ(derived.picks, (std::vector<std::vector<int>>{{0, 1}, {1}, {1}, {}}));
}

}  // namespace
}  // namespace nasc
