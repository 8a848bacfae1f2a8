#include "runtime/data/cifar.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

// A record whose planes of red, green and blue hold `first` and the two bytes after it.
std::string Record(const std::string& labels, char first) {
  std::string record = labels;
  for (int plane = 0; plane < 3; ++plane) record += std::string(1024, first + plane);
  return record;
}

std::string Label(char label) { return std::string(1, label); }

// Five files of one image each, labels 0 to 4, and two images to test with.
void WriteCifar10(const std::string& folder) {
  for (char i = 0; i < 5; ++i) {
    WriteFile(absl::StrCat(folder, "/data_batch_", i + 1, ".bin"), Record(Label(i), 10 * i));
  }
  WriteFile(folder + "/test_batch.bin", Record(Label(9), 1) + Record(Label(0), 2));
}

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& message) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(status.message(), message);
}

TEST(CifarTest, ReadsTenClasses) {
  const std::string folder = TestFolder();
  WriteCifar10(folder);
  const absl::StatusOr<Dataset> dataset = LoadCifar10(folder);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->name, "cifar10");
  EXPECT_EQ(dataset->train.labels, (std::vector<int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(dataset->test.labels, (std::vector<int32_t>{9, 0}));
  for (const ImageSet* set : {&dataset->train, &dataset->test}) {
    EXPECT_EQ(set->shape, (ImageShape{3, 32, 32}));
    EXPECT_EQ(set->classes, 10);
    EXPECT_EQ(static_cast<int64_t>(set->pixels.size()), set->size() * 3072);
  }
  EXPECT_EQ(dataset->train.pixels[3072 * 4], 40);
  EXPECT_EQ(dataset->train.pixels[3072 * 4 + 1024], 41);
  EXPECT_EQ(dataset->train.pixels.back(), 42);
}

TEST(CifarTest, ReadsTheFineLabelsOfAHundred) {
  const std::string folder = TestFolder();
  WriteFile(folder + "/train.bin", Record("\x03\x63", 7) + Record("\x13\x05", 8));
  WriteFile(folder + "/test.bin", Record("\x07\x08", 9));
  const absl::StatusOr<Dataset> dataset = LoadCifar100(folder);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->name, "cifar100");
  EXPECT_EQ(dataset->train.classes, 100);
  EXPECT_EQ(dataset->train.labels, (std::vector<int32_t>{99, 5}));
  EXPECT_EQ(dataset->train.pixels[0], 7);
  EXPECT_EQ(dataset->train.pixels[3072], 8);
  EXPECT_EQ(dataset->test.labels, (std::vector<int32_t>{8}));
}

TEST(CifarTest, SaysHowToGetAMissingFile) {
  const std::string folder = TestFolder();
  WriteCifar10(folder);
  std::remove((folder + "/data_batch_4.bin").c_str());
  ExpectError(LoadCifar10(folder).status(), absl::StatusCode::kNotFound,
              folder +
                  "/data_batch_4.bin: no such file: unpack cifar-10-binary.tar.gz of "
                  "https://www.cs.toronto.edu/~kriz/cifar.html into the folder $NASC_DATA, or give "
                  "data cifar10 { path = \"cifar-10-batches-bin\" }");
  setenv("NASC_DATA", folder.c_str(), 1);
  const absl::Status missing = LoadCifar100("").status();
  unsetenv("NASC_DATA");
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_TRUE(absl::StartsWith(missing.message(), folder + "/cifar-100-binary/train.bin: "));
}

TEST(CifarTest, ChecksWhatTheFilesHold) {
  const std::string folder = TestFolder();
  WriteCifar10(folder);
  const std::string path = folder + "/test_batch.bin";
  const std::string record = Record(Label(1), 1);
  WriteFile(path, record + record.substr(0, 3000));
  ExpectError(LoadCifar10(folder).status(), absl::StatusCode::kDataLoss,
              path + ": truncated: 3000 bytes after 1 records of 3073 bytes");
  WriteFile(path, "");
  ExpectError(LoadCifar10(folder).status(), absl::StatusCode::kDataLoss,
              path + ": truncated: 0 bytes after 0 records of 3073 bytes");
  WriteFile(path, record + Record(Label(10), 1));
  ExpectError(LoadCifar10(folder).status(), absl::StatusCode::kInvalidArgument,
              path + ": label 1 is 10; there are 10 classes");
}

}  // namespace
}  // namespace nasc
