#include "strategies/fidelity_levels.h"

#include <string>
#include <vector>

#include "dsl/check.h"
#include "gtest/gtest.h"
#include "runtime/training_options.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

// 24 examples of the search part, in batches of 4: six batches an epoch.
class FidelityLevelsTest : public testing::Test {
 protected:
  FidelityLevelsTest() {
    config_.space = search_.space();
    config_.scale = "small";
    config_.train = ReadSettings(SgdOptionSpecs(), "batch = 4");
  }

  absl::StatusOr<FidelityLevels> Make(const std::vector<Fidelity>& fidelities) {
    config_.fidelities = fidelities;
    return MakeFidelityLevels(config_, search_.task(), /*steps=*/12);
  }

  const TestSearch search_{TestSearch::Space("ops candidates { identity  relu }\n",
                                             "global_avg_pool -> linear(classes)")};
  SearchConfig config_;
};

TEST_F(FidelityLevelsTest, EachAxisIsItsPart) {
  const absl::StatusOr<FidelityLevels> levels =
      Make({{0.1, "tiny", 0.5, 1, 0}, {0.2, "", 1, 0.5, 0}, {0.3, "", 0.5, 0.5, 14}});
  ASSERT_TRUE(levels.ok()) << levels.status();
  EXPECT_EQ(levels->at(0.1).supernet.scale, "tiny");
  EXPECT_EQ(levels->at(0.1).steps, 6);
  EXPECT_EQ(levels->at(0.1).task.size(Task::Part::kSearch), 24);
  EXPECT_EQ(levels->at(0.2).supernet.scale, "small");
  EXPECT_EQ(levels->at(0.2).steps, 6) << "as many epochs, of half the batches";
  EXPECT_EQ(levels->at(0.2).task.size(Task::Part::kSearch), 12);
  EXPECT_EQ(levels->at(0.3).steps, 3);
  EXPECT_EQ(levels->at(0.3).task.input().height, 14);
}

TEST_F(FidelityLevelsTest, OneBatchAndOneStepAtLeast) {
  const absl::StatusOr<FidelityLevels> levels = Make({{0.1, "", 0.01, 0.01, 0}});
  ASSERT_TRUE(levels.ok()) << levels.status();
  EXPECT_EQ(levels->at(0.1).task.size(Task::Part::kSearch), 4);
  EXPECT_EQ(levels->at(0.1).steps, 1);
}

}  // namespace
}  // namespace nasc
