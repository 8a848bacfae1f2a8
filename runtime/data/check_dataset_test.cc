#include "runtime/data/check_dataset.h"

#include <string>

#include "gtest/gtest.h"

namespace nasc {
namespace {

// Two images of 1x2x2 to train with, one to test with.
Dataset Small() {
  const ImageShape shape{1, 2, 2};
  return {"small",
          {shape, 3, std::vector<uint8_t>(8), {0, 2}},
          {shape, 3, std::vector<uint8_t>(4), {1}}};
}

std::string Says(const Dataset& dataset) { return std::string(CheckDataset(dataset).message()); }

TEST(CheckDatasetTest, TakesWhatIsWhole) { EXPECT_TRUE(CheckDataset(Small()).ok()); }

TEST(CheckDatasetTest, TellsPixelsAndLabelsThatAreMissing) {
  Dataset dataset = Small();
  dataset.train.pixels.pop_back();
  EXPECT_EQ(Says(dataset), "7 pixels of training images do not make 2 of 1x2x2");
  dataset = Small();
  dataset.test.labels.push_back(0);
  EXPECT_EQ(Says(dataset), "4 pixels of test images do not make 2 of 1x2x2");
  dataset = Small();
  dataset.train = {{1, 2, 2}, 3, {}, {}};
  EXPECT_EQ(Says(dataset), "no images to train with");
}

TEST(CheckDatasetTest, TellsLabelsThatAreNoClass) {
  for (const int label : {-1, 3}) {
    Dataset dataset = Small();
    dataset.test.labels[0] = label;
    EXPECT_EQ(Says(dataset), "a test image has the label " + std::to_string(label) +
                                 ", which is none of 3 classes");
  }
}

TEST(CheckDatasetTest, TellsPartsThatDiffer) {
  Dataset dataset = Small();
  dataset.test.classes = 2;
  EXPECT_EQ(Says(dataset), "training and test images have other shapes or classes");
  dataset = Small();
  dataset.test.shape = {1, 1, 4};
  EXPECT_EQ(Says(dataset), "training and test images have other shapes or classes");
}

}  // namespace
}  // namespace nasc
