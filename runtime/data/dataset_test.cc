#include "runtime/data/dataset.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "runtime/data/test_settings.h"

namespace nasc {
namespace {

TEST(DatasetTest, TableIsInOrderAndDocumented) {
  const std::vector<DatasetInfo> known = KnownDatasets();
  ASSERT_FALSE(known.empty());
  EXPECT_TRUE(
      std::is_sorted(known.begin(), known.end(),
                     [](const DatasetInfo& a, const DatasetInfo& b) { return a.name < b.name; }));
  for (const DatasetInfo& info : known) {
    EXPECT_FALSE(info.doc.empty()) << info.name;
    EXPECT_FALSE(absl::StrContains(info.doc, "\n")) << info.name;
  }
}

// As a library of a user registers one: four images, of a side that is a setting.
absl::StatusOr<Dataset> LoadStripes(const Options& options) {
  const auto side = static_cast<int>(options.Whole("side"));
  ImageSet set;
  set.shape = {1, side, side};
  set.classes = 3;
  set.pixels.resize(4 * set.shape.size(), 9);
  set.labels = {0, 1, 2, 1};
  return Dataset{"", set, set};
}

const DatasetRegistration registration("stripes", "four images",
                                       {{"side", OptionSpec::Kind::kWhole, 5, 0, 9, "", "rows"}},
                                       LoadStripes);

TEST(DatasetTest, RegisteredImagesAreKnownWithTheSettingsOfAll) {
  const absl::StatusOr<DatasetInfo> info = FindDataset("stripes");
  ASSERT_TRUE(info.ok()) << info.status();
  const absl::StatusOr<Dataset> made =
      LoadDataset("stripes", ReadSettings(info->options, "side = 3  classes = \"1, 2\""));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name, "stripes");
  EXPECT_EQ(made->train.shape, (ImageShape{1, 3, 3}));
  EXPECT_EQ(made->train.labels, (std::vector<int32_t>{0, 1, 0}));  // numbered anew
}

TEST(DatasetTest, WhatALoaderGivesIsChecked) {
  const absl::Status status =
      LoadDataset("stripes", ReadSettings(FindDataset("stripes")->options, "side = 0")).status();
  EXPECT_EQ(status.message(), "data stripes: 0 pixels of training images do not make 4 of 1x0x0");
}

TEST(DatasetDeathTest, NamesAreRegisteredOnce) {
  EXPECT_DEATH(DatasetRegistration("npy", "again", {}, LoadStripes), "two data sets are named npy");
}

TEST(DatasetTest, UnknownNameListsTheKnownOnes) {
  const absl::Status status = LoadDataset("cifar11", Options()).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StartsWith(status.message(), "unknown data set 'cifar11'; the known ones: "));
  for (const DatasetInfo& info : KnownDatasets()) {
    EXPECT_TRUE(absl::StrContains(status.message(), info.name)) << status;
  }
}

// What a `data` line says so that files are looked for in a folder.
std::string SettingsFor(const std::string& name, const std::string& folder) {
  if (name != "npy") return "path = \"" + folder + "\"";
  return "images = \"" + folder + "/x.npy\" labels = \"" + folder + "/y.npy\"";
}

// Each loader is reached by its name, and reads from the folder that it is given.
TEST(DatasetTest, EachReadsFromItsFolder) {
  const std::string folder = testing::TempDir() + "/no such folder";
  for (const DatasetInfo& info : KnownDatasets()) {
    if (info.name == "stripes") continue;  // reads no files
    const Options options = ReadSettings(info.options, SettingsFor(info.name, folder));
    const absl::Status status = LoadDataset(info.name, options).status();
    EXPECT_EQ(FindDataset(info.name)->kind, info.kind);
    if (info.kind == DatasetInfo::Kind::kTable) {
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
      continue;
    }
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), folder + "/")) << status;
  }
}

}  // namespace
}  // namespace nasc
