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
