#include "strategies/one_shot/collapse.h"

#include <vector>

#include "gtest/gtest.h"
#include "strategies/one_shot/test_supernet.h"

namespace nasc {
namespace {

const CellOperations& Cell(const std::vector<CellOperations>& cells, size_t i) {
  EXPECT_EQ(cells.size(), 2);
  return cells.at(i);
}

TEST(CollapseTest, AnIdentityIsTheValueItself) {
  const TestSupernet supernet;
  const auto cells = OperationsOf(supernet.graph(), supernet.Taking({{"normal.", "skip_connect"}}));
  EXPECT_EQ(Cell(cells, 0).cell, "normal");
  EXPECT_EQ(Cell(cells, 0).edges, 4);
  EXPECT_EQ(Cell(cells, 0).parameter_free, 4);
  EXPECT_EQ(Cell(cells, 0).identities, 4);
  EXPECT_EQ(Cell(cells, 1).cell, "reduction");
  EXPECT_EQ(Cell(cells, 1).edges, 4);
  EXPECT_EQ(Cell(cells, 1).parameter_free, 0);
}

TEST(CollapseTest, APoolHasNoWeightsOnceItIsFixed) {
  const TestSupernet supernet;
  const auto cells = OperationsOf(supernet.graph(), supernet.Taking({{"normal.", "pool"}}));
  EXPECT_EQ(Cell(cells, 0).parameter_free, 4);
  EXPECT_EQ(Cell(cells, 0).identities, 0);
}

TEST(CollapseTest, ASkipThatMakesImagesSmallerHasWeights) {
  const TestSupernet supernet;
  const auto cells =
      OperationsOf(supernet.graph(), supernet.Taking({{"reduction.", "skip_connect"}}));
  EXPECT_EQ(Cell(cells, 1).parameter_free, 0);
  EXPECT_EQ(Cell(cells, 1).identities, 0);
}

TEST(CollapseTest, ACellOfSkipsHasCollapsedAndAMixedOneHasNot) {
  const TestSupernet supernet;
  const auto of = [&](const std::vector<std::pair<std::string, std::string>>& operations) {
    return CollapsedCells(supernet.graph(), supernet.Taking(operations));
  };
  const auto skips = of({{"normal.", "skip_connect"}});
  ASSERT_EQ(skips.size(), 1);
  EXPECT_EQ(skips[0].cell, "normal");
  EXPECT_EQ(Describe(skips[0]),
            "cell normal collapsed: 4 of its 4 edges take operations without weights");
  EXPECT_EQ(of({{"normal.n0.", "skip_connect"}, {"normal.n1.prev_prev", "pool"}}).size(), 1);
  EXPECT_TRUE(of({{"normal.n0.", "skip_connect"}}).empty()) << "half of them";
  EXPECT_TRUE(of({}).empty());
}

}  // namespace
}  // namespace nasc
