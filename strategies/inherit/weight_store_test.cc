#include "strategies/inherit/weight_store.h"

#include <ATen/ops/full.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

NamedTensors Filled(double value) { return {{"w", at::full({100}, value, at::kFloat)}}; }

WeightStore Opened(const TestFolder& folder) {
  absl::StatusOr<WeightStore> store = WeightStore::Open(folder.File("weights"));
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

std::vector<WeightStore::Entry> Entries(const WeightStore& store) {
  absl::StatusOr<std::vector<WeightStore::Entry>> entries = store.Entries();
  EXPECT_TRUE(entries.ok()) << entries.status();
  return *std::move(entries);
}

void Add(WeightStore& store, int64_t trial, double quality, double value) {
  WeightStore::Entry entry;
  entry.trial = trial;
  entry.architecture = absl::StrCat("a", trial);
  entry.quality = quality;
  const absl::Status status = store.Put(entry, Filled(value), {});
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<int64_t> Trials(const WeightStore& store) {
  std::vector<int64_t> trials;
  for (const WeightStore::Entry& entry : Entries(store)) trials.push_back(entry.trial);
  return trials;
}

size_t Files(const TestFolder& folder) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.File("weights/objects"))) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  return files;
}

TEST(WeightStoreTest, GivesBackWhatWasPutAfterOpeningAgain) {
  const TestFolder folder;
  {
    WeightStore store = Opened(folder);
    Add(store, 2, 0.5, 1);
    Add(store, 1, 0.25, 2);
  }
  const WeightStore store = Opened(folder);
  EXPECT_EQ(Trials(store), (std::vector<int64_t>{1, 2}));
  const WeightStore::Entry entry = Entries(store)[1];
  EXPECT_EQ(entry.architecture, "a2");
  EXPECT_EQ(entry.quality, 0.5);
  const absl::StatusOr<TensorFile> file = store.Load(entry);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->tensors.at("w").equal(Filled(1).at("w")));
}

TEST(WeightStoreTest, EqualFilesAreKeptOnceAndGoWithTheLastThatNeedsThem) {
  const TestFolder folder;
  WeightStore store = Opened(folder);
  Add(store, 1, 0.1, 7);
  Add(store, 2, 0.2, 7);
  Add(store, 3, 0.3, 8);
  EXPECT_EQ(Files(folder), 2u);
  ASSERT_TRUE(store.ForgetAfter(1).ok());
  EXPECT_EQ(Trials(store), (std::vector<int64_t>{1}));
  EXPECT_EQ(Files(folder), 1u);
}

TEST(WeightStoreTest, ShrinkingKeepsTheBest) {
  const TestFolder folder;
  WeightStore store = Opened(folder);
  for (int trial = 1; trial <= 4; ++trial) Add(store, trial, trial % 3, trial);
  const int64_t bytes = Entries(store).front().bytes;
  ASSERT_TRUE(store.Shrink(2 * bytes).ok());
  EXPECT_EQ(Trials(store), (std::vector<int64_t>{2, 4}));
  ASSERT_TRUE(store.Shrink(0).ok());
  EXPECT_EQ(Trials(store), (std::vector<int64_t>{2}));
  EXPECT_EQ(Files(folder), 1u);
}

TEST(WeightStoreTest, DamageIsNoticed) {
  const TestFolder folder;
  WeightStore store = Opened(folder);
  Add(store, 1, 0.1, 1);
  const WeightStore::Entry entry = Entries(store).front();
  {
    const std::string object = folder.File("weights/objects/" + entry.object + ".safetensors");
    std::fstream file(object, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('x');
  }
  EXPECT_TRUE(absl::IsDataLoss(store.Load(entry).status()));
  std::filesystem::create_directories(folder.File("other"));
  std::ofstream(folder.File("other/index.sqlite")) << std::string(4096, 'x');
  EXPECT_TRUE(absl::IsDataLoss(WeightStore::Open(folder.File("other")).status()));
}

}  // namespace
}  // namespace nasc
