#include "runtime/data/npy.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

// Bytes that count up.
std::string Bytes(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class NpyTest : public testing::Test {
 protected:
  NpyTest() {
    spec_.images = TestFolder() + "/x.npy";
    spec_.labels = TestFolder() + "/y.npy";
  }

  void WriteImages(const std::string& shape, int bytes) {
    WriteFile(spec_.images, NpyFile("|u1", shape, Bytes(bytes)));
  }
  void WriteLabels(const std::string& labels) {
    WriteFile(spec_.labels, NpyFile("|u1", "(" + std::to_string(labels.size()) + ",)", labels));
  }
  void WriteTest(const std::string& shape, int bytes, const std::string& labels) {
    spec_.test_images = TestFolder() + "/test_x.npy";
    spec_.test_labels = TestFolder() + "/test_y.npy";
    WriteFile(spec_.test_images, NpyFile("|u1", shape, Bytes(bytes)));
    WriteFile(spec_.test_labels,
              NpyFile("|u1", "(" + std::to_string(labels.size()) + ",)", labels));
  }

  Dataset Load() {
    absl::StatusOr<Dataset> dataset = LoadNpy(spec_);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    return dataset.ok() ? *std::move(dataset) : Dataset();
  }
  void ExpectError(const std::string& message) {
    const absl::Status status = LoadNpy(spec_).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_EQ(status.message(), message);
  }

  NpySpec spec_;
};

TEST_F(NpyTest, ReadsImagesWithoutChannels) {
  WriteImages("(2, 2, 3)", 12);
  WriteLabels(std::string("\4\0", 2));
  WriteTest("(1, 2, 3)", 6, "\2");
  const Dataset dataset = Load();
  EXPECT_EQ(dataset.train.shape, (ImageShape{1, 2, 3}));
  EXPECT_EQ(dataset.train.labels, (std::vector<int32_t>{4, 0}));
  EXPECT_EQ(dataset.train.classes, 5);
  EXPECT_EQ(dataset.train.pixels[7], 7);
  EXPECT_EQ(dataset.test.labels, (std::vector<int32_t>{2}));
  EXPECT_EQ(dataset.test.classes, 5);
}

TEST_F(NpyTest, FindsTheChannels) {
  WriteTest("(1, 3, 2, 2)", 12, "\1");
  WriteLabels("\1");
  WriteImages("(1, 3, 2, 2)", 12);
  EXPECT_EQ(Load().train.shape, (ImageShape{3, 2, 2}));
  EXPECT_EQ(Load().train.pixels[1], 1);
  WriteImages("(1, 2, 2, 3)", 12);
  EXPECT_EQ(Load().train.shape, (ImageShape{3, 2, 2}));
  EXPECT_EQ(Load().train.pixels, (std::vector<uint8_t>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

TEST_F(NpyTest, LayoutSaysWhereTheyAre) {
  WriteLabels(std::string("\1\0", 2));
  spec_.test_part = 0.5;
  for (const char* shape : {"(2, 3, 5, 3)", "(2, 2, 3, 5)"}) {
    WriteImages(shape, shape[4] == '3' ? 90 : 60);
    spec_.layout = "";
    EXPECT_TRUE(absl::IsInvalidArgument(LoadNpy(spec_).status()));
  }
  ExpectError(spec_.images +
              ": its array is 2x2x3x5: give data npy { layout = \"channels_first\" } or "
              "\"channels_last\"");
  spec_.layout = "channels_first";
  EXPECT_EQ(Load().train.shape, (ImageShape{2, 3, 5}));
  spec_.layout = "channels_last";
  EXPECT_EQ(Load().train.shape, (ImageShape{5, 2, 3}));
  spec_.layout = "hwc";
  ExpectError("data npy: layout = \"hwc\": there are \"channels_first\" and \"channels_last\"");
}

TEST_F(NpyTest, APartTestsWhereNoFilesDo) {
  WriteImages("(10, 1, 1)", 10);
  WriteLabels(Bytes(10));
  const Dataset dataset = Load();
  EXPECT_EQ(dataset.train.size(), 8);
  EXPECT_EQ(dataset.test.size(), 2);
  EXPECT_EQ(dataset.test.classes, 10);
  for (int64_t i = 0; i < 2; ++i) EXPECT_EQ(dataset.test.labels[i], dataset.test.pixels[i]);
}

TEST_F(NpyTest, NamesWrongSettings) {
  const NpySpec good = spec_;
  spec_.labels = "";
  ExpectError("data npy: it needs two files: data npy { images = \"x.npy\"  labels = \"y.npy\" }");
  spec_ = good;
  spec_.test_images = "x";
  ExpectError("data npy: `test_images` and `test_labels` go together");
  spec_.test_labels = "y";
  spec_.test_part = 0.3;
  ExpectError("data npy: `test_part` is for data without `test_images`");
  spec_ = good;
  EXPECT_TRUE(absl::IsNotFound(LoadNpy(spec_).status()));
}

TEST_F(NpyTest, NamesWrongArrays) {
  WriteLabels("\1\1");
  WriteFile(spec_.images, NpyFile("<f4", "(1, 1, 1)", "1234"));
  ExpectError(spec_.images + ": its elements are '<f4'; images are bytes: numpy.uint8");
  WriteImages("(2, 3)", 6);
  ExpectError(spec_.images +
              ": its array is 2x3; images are count x height x width, or four "
              "dimensions with channels");
  WriteImages("(0, 3, 3)", 0);
  ExpectError(spec_.images + ": its array is 0x3x3: it holds no images");
  WriteImages("(3, 2, 2)", 12);
  ExpectError(spec_.labels + ": it holds 2 labels for the 3 images of " + spec_.images);
  WriteFile(spec_.labels, NpyFile("|u1", "(3, 1)", "\1\1\1"));
  ExpectError(spec_.labels + ": its array is 3x1, not a list of labels");
  WriteFile(spec_.labels, NpyFile("<f8", "(1,)", "12345678"));
  ExpectError(spec_.labels + ": its elements are '<f8', not whole numbers");
  WriteFile(spec_.labels, NpyFile("|i1", "(3,)", "\1\xff\1"));
  ExpectError(spec_.labels + ": label 1 is -1; labels are 0 to 9999");
  WriteLabels(std::string(3, '\0'));
  ExpectError(spec_.labels + ": every label is 0");
  WriteLabels("\1\2\1");
  WriteTest("(1, 2, 3)", 6, "\1");
  ExpectError(spec_.test_images + ": its images are 1x2x3, those of " + spec_.images +
              " are 1x2x2");
  WriteTest("(1, 2, 2)", 4, "\3");
  ExpectError(spec_.test_labels + ": it has a label 3, " + spec_.labels + " only those to 2");
}

}  // namespace
}  // namespace nasc
