#include "runtime/data/row_set.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

Table SmallTable() {
  Table table;
  table.path = "t.csv";
  table.feature_names = {"a", "b"};
  table.target_names = {"y"};
  table.train.features = {1, 10, 2, 50, 3, 20, 100, 7};
  table.train.targets = {5, 6, 10, 99};
  table.train.count = 4;
  table.test.features = {4, 30};
  table.test.targets = {8};
  table.test.count = 1;
  return table;
}

TEST(RowSetTest, StandardisesByTheRowsGiven) {
  const absl::StatusOr<RowData> data = Standardize(SmallTable(), {0, 1, 2});
  ASSERT_TRUE(data.ok()) << data.status();
  const double a = std::sqrt(2.0 / 3);     // the deviation of 1, 2, 3
  const double b = std::sqrt(2600.0 / 9);  // 10, 50, 20; mean 80 / 3
  const double y = std::sqrt(14.0 / 3);    // 5, 6, 10; mean 7
  const std::vector<double> train = {-1 / a, (10 - 80.0 / 3) / b, 0,      (50 - 80.0 / 3) / b,
                                     1 / a,  (20 - 80.0 / 3) / b, 98 / a, (7 - 80.0 / 3) / b};
  ASSERT_EQ(data->train.values.size(), train.size());
  for (size_t i = 0; i < train.size(); ++i) EXPECT_NEAR(data->train.values[i], train[i], 1e-5);
  EXPECT_NEAR(data->test.values[0], 2 / a, 1e-6);
  EXPECT_NEAR(data->train.targets[2], 3 / y, 1e-6);
  EXPECT_NEAR(data->test.targets[0], 1 / y, 1e-6);
  ASSERT_EQ(data->target_deviations.size(), 1u);
  EXPECT_NEAR(data->target_deviations[0], y, 1e-12);
  EXPECT_EQ(data->train.features, 2);
  EXPECT_EQ(data->train.outputs, 1);
  EXPECT_EQ(data->train.classes, 0);
  EXPECT_EQ(data->train.size(), 4);
  EXPECT_EQ(data->test.size(), 1);
}

TEST(RowSetTest, ClassesStayAsTheyAre) {
  Table table = SmallTable();
  table.class_names = {"no", "yes"};
  table.train.targets.clear();
  table.test.targets.clear();
  table.train.labels = {0, 1, 0, 1};
  table.test.labels = {1};
  const absl::StatusOr<RowData> data = Standardize(table, {0, 1, 2});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train.labels, table.train.labels);
  EXPECT_EQ(data->test.labels, table.test.labels);
  EXPECT_EQ(data->train.classes, 2);
  EXPECT_EQ(data->train.outputs, 0);
  EXPECT_TRUE(data->target_deviations.empty());
}

TEST(RowSetTest, ColumnsThatTellNothing) {
  Table table = SmallTable();
  table.train.features[2] = table.train.features[4] = 1;  // the last row differs, and is not given
  EXPECT_EQ(Standardize(table, {0, 1, 2}).status().message(),
            "t.csv: column 'a' is 1 in every training row");
  EXPECT_TRUE(Standardize(table, {0, 1, 2, 3}).ok());
  table = SmallTable();
  table.train.targets[0] = table.train.targets[1] = 10;
  EXPECT_EQ(Standardize(table, {0, 1, 2}).status().message(),
            "t.csv: column 'y' is 10 in every training row");
  table = SmallTable();
  table.train.features[1] = 1e300;
  EXPECT_EQ(Standardize(table, {0, 1, 2}).status().message(),
            "t.csv: column 'b' is too large to be standardised");
}

}  // namespace
}  // namespace nasc
