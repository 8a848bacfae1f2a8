#include "runtime/data/fashion_mnist.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "runtime/data/normalization.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

// Writes three training and two test images.
void WriteSmallSet(const std::string& folder) {
  WriteGzip(folder + "/train-images-idx3-ubyte.gz",
            IdxHeader({3, 28, 28}) + std::string(3 * 784, '\x11'));
  WriteGzip(folder + "/train-labels-idx1-ubyte.gz", IdxHeader({3}) + std::string("\0\x09\x04", 3));
  WriteGzip(folder + "/t10k-images-idx3-ubyte.gz",
            IdxHeader({2, 28, 28}) + std::string(2 * 784, '\x22'));
  WriteGzip(folder + "/t10k-labels-idx1-ubyte.gz", IdxHeader({2}) + "\x01\x02");
}

void ExpectError(const std::string& folder, absl::StatusCode code, const std::string& message) {
  const absl::Status status = LoadFashionMnist(folder).status();
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(status.message(), message);
}

TEST(FashionMnistTest, ReadsAFolder) {
  const std::string folder = TestFolder();
  WriteSmallSet(folder);
  const absl::StatusOr<Dataset> dataset = LoadFashionMnist(folder);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.labels, (std::vector<int32_t>{0, 9, 4}));
  EXPECT_EQ(dataset->test.labels, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(dataset->train.pixels, std::vector<uint8_t>(3 * 784, 0x11));
  EXPECT_EQ(dataset->test.pixels, std::vector<uint8_t>(2 * 784, 0x22));
  EXPECT_EQ(dataset->train.shape, (ImageShape{1, 28, 28}));
  EXPECT_EQ(dataset->test.classes, 10);
}

TEST(FashionMnistTest, NamesTheMissingFile) {
  const std::string folder = TestFolder();
  for (const char* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                           "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}) {
    WriteSmallSet(folder);
    std::remove((folder + "/" + name).c_str());
    ExpectError(folder, absl::StatusCode::kNotFound,
                folder + "/" + name +
                    ": no such file: install the package dataset-fashion-mnist (tools/setup.sh "
                    "does) or give data { path = ... }");
  }
}

TEST(FashionMnistTest, ChecksWhatTheFilesHold) {
  const absl::StatusCode invalid = absl::StatusCode::kInvalidArgument;
  const std::string folder = TestFolder();
  const std::string images = folder + "/t10k-images-idx3-ubyte.gz";
  const std::string labels = folder + "/t10k-labels-idx1-ubyte.gz";
  WriteSmallSet(folder);
  WriteGzip(labels, IdxHeader({2}) + "\x01\x0a");
  ExpectError(folder, invalid, labels + ": label 1 is 10; there are 10 classes");
  WriteGzip(labels, IdxHeader({3}) + "\x01\x02\x03");
  ExpectError(folder, invalid, labels + ": it holds 3 labels for the 2 images of " + images);
  WriteGzip(labels, IdxHeader({1, 2}) + "\x01\x02");
  ExpectError(folder, invalid, labels + ": its array is 1x2, not a list of labels");
  WriteSmallSet(folder);
  WriteGzip(images, IdxHeader({2, 14, 56}) + std::string(2 * 784, '\0'));
  ExpectError(folder, invalid, images + ": its array is 2x14x56, not a number of 28x28 images");
  WriteGzip(images, IdxHeader({0, 28, 28}));
  WriteGzip(labels, IdxHeader({0}));
  ExpectError(folder, invalid, images + ": it holds no images");
  WriteFile(images, IdxHeader({2, 28, 28}));
  ExpectError(folder, absl::StatusCode::kDataLoss,
              images + ": truncated: its header says 1568 bytes of data (2x28x28), it holds 0");
}

TEST(FashionMnistTest, DefaultFolderFollowsTheEnvironment) {
  const std::string root = TestFolder();
  const std::string folder = root + "/fashion-mnist";
  mkdir(folder.c_str(), 0777);
  WriteSmallSet(folder);
  setenv("NASC_DATA", root.c_str(), 1);
  const absl::StatusOr<Dataset> dataset = LoadFashionMnist("");
  setenv("NASC_DATA", (root + "/none").c_str(), 1);
  const absl::Status missing = LoadFashionMnist("").status();
  unsetenv("NASC_DATA");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.size(), 3);
  EXPECT_TRUE(absl::StartsWith(missing.message(), root + "/none/fashion-mnist/train-images-idx3"))
      << missing;
}

// The published files, as Debian installs them.
TEST(FashionMnistTest, ReadsTheRealOne) {
  const absl::StatusOr<Dataset> dataset = LoadFashionMnist("/usr/share/datasets/fashion-mnist");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->name, "fashion_mnist");
  EXPECT_EQ(dataset->train.size(), 60000);
  EXPECT_EQ(dataset->test.size(), 10000);
  for (const ImageSet* set : {&dataset->train, &dataset->test}) {
    EXPECT_EQ(set->shape, (ImageShape{1, 28, 28}));
    EXPECT_EQ(set->classes, 10);
    EXPECT_EQ(static_cast<int64_t>(set->pixels.size()), set->size() * 784);
    std::vector<int64_t> counts(10);
    for (int32_t label : set->labels) ++counts[label];
    EXPECT_EQ(counts, std::vector<int64_t>(10, set->size() / 10));
  }
  const Normalization normalization = ComputeNormalization(dataset->train);
  ASSERT_EQ(normalization.mean.size(), 1u);
  EXPECT_NEAR(normalization.mean[0], 0.2860, 1e-3);
  EXPECT_NEAR(normalization.stddev[0], 0.3530, 1e-3);
}

}  // namespace
}  // namespace nasc
