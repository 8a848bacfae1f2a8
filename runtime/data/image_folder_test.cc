#include "runtime/data/image_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

std::string Grey(int width, int height, char byte) {
  return absl::StrCat("P5 ", width, " ", height, " 255\n", std::string(width * height, byte));
}
std::string Colour(int width, int height, char byte) {
  return absl::StrCat("P6 ", width, " ", height, " 255\n", std::string(3 * width * height, byte));
}

// `count` images a class, of 4x3 bytes 10 * class + image.
void WriteFolder(const std::string& folder, const std::vector<std::string>& classes, int count) {
  mkdir(folder.c_str(), 0777);
  for (size_t c = 0; c < classes.size(); ++c) {
    mkdir(absl::StrCat(folder, "/", classes[c]).c_str(), 0777);
    for (int i = 0; i < count; ++i) {
      WriteFile(absl::StrCat(folder, "/", classes[c], "/", i, ".pgm"),
                Grey(4, 3, static_cast<char>(10 * c + i)));
    }
  }
}

std::string SmallFolder() {
  const std::string folder = TestFolder();
  WriteFolder(folder + "/train", {"cat", "ant", "bee"}, 5);
  return folder;
}

ImageFolderSpec Spec(const std::string& path, int size = 0, int channels = 0) {
  return {path, size, channels, 0};
}

void ExpectError(const ImageFolderSpec& spec, const std::string& message) {
  const absl::Status status = LoadImageFolder(spec).status();
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.message(), message);
}

TEST(ImageFolderTest, NamesInOrderAreTheLabels) {
  const std::string folder = SmallFolder();
  WriteFolder(folder + "/test", {"cat", "ant", "bee"}, 1);
  WriteFile(folder + "/train/.hidden", "no image");
  const absl::StatusOr<Dataset> dataset = LoadImageFolder(Spec(folder));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.size(), 15);
  EXPECT_EQ(dataset->test.size(), 3);
  EXPECT_EQ(dataset->train.shape, (ImageShape{1, 3, 4}));
  EXPECT_EQ(dataset->test.classes, 3);
  const int label_of[] = {2, 0, 1};  // as they were written: cat, ant, bee
  for (int64_t i = 0; i < 15; ++i) {
    EXPECT_EQ(dataset->train.labels[i], label_of[dataset->train.pixels[12 * i] / 10]);
  }
  // `train = 5` takes several classes, and the same ones each time.
  EXPECT_FALSE(std::is_sorted(dataset->train.labels.begin(), dataset->train.labels.end()));
  EXPECT_EQ(LoadImageFolder(Spec(folder))->train.pixels, dataset->train.pixels);
}

TEST(ImageFolderTest, APartTestsWhereNoFolderDoes) {
  const std::string folder = SmallFolder();
  const absl::StatusOr<Dataset> dataset = LoadImageFolder(Spec(folder));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.size(), 12);
  EXPECT_EQ(dataset->test.size(), 3);
  std::set<int> seen;
  for (const ImageSet* set : {&dataset->train, &dataset->test}) {
    for (int64_t i = 0; i < set->size(); ++i) seen.insert(set->pixels[12 * i]);
  }
  EXPECT_EQ(seen.size(), 15u);
  ImageFolderSpec spec = Spec(folder);
  spec.test_part = 0.4;
  EXPECT_EQ(LoadImageFolder(spec)->test.size(), 6);
}

TEST(ImageFolderTest, BringsImagesToOneForm) {
  const std::string folder = SmallFolder();
  const std::string colour = folder + "/train/ant/x.ppm";
  WriteFile(colour, Colour(8, 8, 7));
  absl::StatusOr<Dataset> dataset = LoadImageFolder(Spec(folder, 3, 1));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.shape, (ImageShape{1, 3, 3}));
  dataset = LoadImageFolder(Spec(folder, 2, 3));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train.shape, (ImageShape{3, 2, 2}));
  const absl::Status sizes = LoadImageFolder(Spec(folder, 0, 1)).status();
  EXPECT_TRUE(absl::StrContains(sizes.message(), "} to bring all to one size")) << sizes;
  const absl::Status channels = LoadImageFolder(Spec(folder, 3)).status();
  EXPECT_TRUE(
      absl::EndsWith(channels.message(), " has none: give data image_folder { channels = 1 } or 3"))
      << channels;
  EXPECT_TRUE(absl::StartsWith(channels.message(), colour + ": it has colours, ")) << channels;
}

TEST(ImageFolderTest, NamesWhatIsWrong) {
  ExpectError(Spec(""),
              "data image_folder: it needs a folder: data image_folder { path = \"folder\" }");
  const std::string folder = TestFolder();
  ExpectError(Spec(folder), folder +
                                "/train: no such folder: data image_folder reads "
                                "PATH/train/CLASS/IMAGE.png");
  ExpectError(Spec(folder, 0, 2),
              "data image_folder: channels = 2: images have 1 channel of grey or 3 of colour");
  WriteFolder(folder + "/train", {"a"}, 1);
  ExpectError(Spec(folder), folder + "/train: 1 folders of classes; there must be two at least");
  WriteFolder(folder + "/train", {"a", "b"}, 1);
  mkdir((folder + "/train/c").c_str(), 0777);
  ExpectError(Spec(folder), folder + "/train/c: it holds no images");
  WriteFile(folder + "/train/c/notes.txt", "");
  ExpectError(Spec(folder), folder +
                                "/train/c/notes.txt: its name is not that of a PNG, JPEG, BMP, "
                                "PGM or PPM image");
  std::remove((folder + "/train/c/notes.txt").c_str());
  WriteFile(folder + "/train/c/1.png", "GIF89a");
  EXPECT_TRUE(absl::StartsWith(LoadImageFolder(Spec(folder)).status().message(),
                               folder + "/train/c/1.png: cannot be read as a PNG, JPEG, BMP, "));
  WriteFile(folder + "/train/c/1.png", Grey(4, 3, 1));
  EXPECT_TRUE(LoadImageFolder(Spec(folder)).ok());
  WriteFolder(folder + "/test", {"a", "b"}, 1);
  ExpectError(Spec(folder), folder + "/test: its classes are not those of " + folder +
                                "/train: 'c' is in one of the two only");
  WriteFile(folder + "/train/d", "");
  ExpectError(Spec(folder), folder + "/train/d: it is no folder of a class");
  ImageFolderSpec spec = Spec(folder);
  spec.test_part = 0.2;
  ExpectError(spec,
              folder + "/test: images to test with; `test_part` is for a folder without them");
}

}  // namespace
}  // namespace nasc
