#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "runtime/data/loader.h"

namespace nasc {
namespace {

// Row i holds 10 i, 10 i + 1; its targets are i, -i, or its label i % 3.
RowSet Rows(int64_t count, bool regression) {
  RowSet rows;
  rows.features = 2;
  rows.classes = regression ? 0 : 3;
  rows.outputs = regression ? 2 : 0;
  rows.count = count;
  for (int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    rows.values.insert(rows.values.end(), {10 * value, 10 * value + 1});
    if (regression) {
      rows.targets.insert(rows.targets.end(), {value, -value});
    } else {
      rows.labels.push_back(static_cast<int32_t>(i % 3));
    }
  }
  return rows;
}

TEST(RowLoaderTest, GathersRowsWithTheirTargets) {
  const RowSet classes = Rows(9, false);
  const RowSet regression = Rows(9, true);
  LoaderOptions options;
  options.batch_size = 2;
  absl::StatusOr<Loader> of_classes = Loader::Create(&classes, {7, 0, 5}, options, 1);
  absl::StatusOr<Loader> of_regression = Loader::Create(&regression, {7, 0, 5}, options, 1);
  ASSERT_TRUE(of_classes.ok() && of_regression.ok());
  EXPECT_EQ(of_classes->batches(), 2);
  FloatBatch batch = of_classes->Next();
  EXPECT_EQ(batch.count, 2);
  EXPECT_EQ(batch.features, 2);
  EXPECT_EQ(batch.pixels, (std::vector<float>{70, 71, 0, 1}));
  EXPECT_EQ(batch.labels, (std::vector<int64_t>{1, 0}));
  EXPECT_TRUE(batch.targets.empty());
  of_classes->Next(&batch);
  EXPECT_EQ(batch.count, 1);
  EXPECT_EQ(batch.pixels, (std::vector<float>{50, 51}));
  batch = of_regression->Next();
  EXPECT_EQ(batch.outputs, 2);
  EXPECT_EQ(batch.targets, (std::vector<float>{7, -7, 0, 0}));
  EXPECT_TRUE(batch.labels.empty());
}

TEST(RowLoaderTest, ShufflesEachEpoch) {
  const RowSet rows = Rows(30, true);
  std::vector<int64_t> all;
  for (int64_t i = 0; i < 30; ++i) all.push_back(i);
  LoaderOptions options;
  options.batch_size = 30;
  options.shuffle = true;
  absl::StatusOr<Loader> loader = Loader::Create(&rows, all, options, 1);
  ASSERT_TRUE(loader.ok()) << loader.status();
  std::vector<std::vector<float>> epochs;
  for (int epoch = 0; epoch < 2; ++epoch) {
    const FloatBatch batch = loader->Next();
    std::vector<float>& first = epochs.emplace_back();
    for (int64_t i = 0; i < 30; ++i) {
      first.push_back(batch.pixels[2 * i]);
      EXPECT_EQ(batch.targets[2 * i] * 10, batch.pixels[2 * i]);
    }
  }
  EXPECT_NE(epochs[0], epochs[1]);
  for (std::vector<float>& epoch : epochs) std::sort(epoch.begin(), epoch.end());
  EXPECT_EQ(epochs[0], epochs[1]);
  for (int64_t i = 0; i < 30; ++i) EXPECT_EQ(epochs[0][i], 10 * static_cast<float>(i));
}

TEST(RowLoaderTest, RefusesWrongArguments) {
  const auto expect = [](const RowSet& rows, std::vector<int64_t> indices,
                         const LoaderOptions& options, absl::string_view what) {
    const absl::Status status = Loader::Create(&rows, std::move(indices), options, 1).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), what)) << status;
  };
  LoaderOptions options;
  expect(Rows(9, true), {}, options, "no rows to go through");
  expect(Rows(9, true), {9}, options, "index 9 in a set of 9 rows");
  RowSet rows = Rows(9, true);
  rows.targets.pop_back();
  expect(rows, {0}, options, "17 targets for 9 rows of 2 features and 2 targets");
  rows = Rows(9, false);
  rows.labels.pop_back();
  expect(rows, {0}, options, "8 labels");
  options.drop_last = true;
  expect(Rows(9, true), {0, 1}, options, "2 rows make no full batch of 64");
  options.batch_size = 0;
  expect(Rows(9, true), {0}, options, "batch_size");
}

}  // namespace
}  // namespace nasc
