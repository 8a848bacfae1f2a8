#include <set>
#include <string>

#include "gtest/gtest.h"
#include "runtime/data/dataset.h"
#include "runtime/data/test_settings.h"

namespace nasc {
namespace {

Dataset Load(const std::string& settings) {
  absl::StatusOr<Dataset> loaded =
      LoadDataset("shapes", ReadSettings(FindDataset("shapes")->options, settings));
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return *std::move(loaded);
}

TEST(ShapesTest, AreAsManyAndAsLargeAsAskedFor) {
  const Dataset shapes = Load("count = 100 side = 12");
  EXPECT_EQ(shapes.train.size(), 100);
  EXPECT_EQ(shapes.test.size(), 20);
  EXPECT_EQ(shapes.test.shape, (ImageShape{1, 12, 12}));
  const std::set<int32_t> labels(shapes.train.labels.begin(), shapes.train.labels.end());
  EXPECT_EQ(labels.size(), 5u);
}

TEST(ShapesTest, AreTheSameEveryTimeAndOthersInTheTest) {
  EXPECT_EQ(Load("").train.pixels, Load("").train.pixels);
  const Dataset shapes = Load("count = 50");
  EXPECT_NE(std::vector<uint8_t>(shapes.train.pixels.begin(), shapes.train.pixels.begin() + 256),
            std::vector<uint8_t>(shapes.test.pixels.begin(), shapes.test.pixels.begin() + 256));
}

// A figure covers a tenth to two thirds of the square in which it lies, and is lighter than the
// rest.
TEST(ShapesTest, WithoutNoiseHaveTwoGreys) {
  const Dataset shapes = Load("noise = 0");
  const ImageSet& set = shapes.train;
  for (int64_t i = 0; i < set.size(); ++i) {
    int64_t light = 0;
    for (int64_t pixel = i * 256; pixel < (i + 1) * 256; ++pixel) {
      ASSERT_TRUE(set.pixels[pixel] == 64 || set.pixels[pixel] == 192);
      light += set.pixels[pixel] == 192;
    }
    EXPECT_GE(light, 10) << "label " << set.labels[i];
    EXPECT_LE(light, 164) << "label " << set.labels[i];
  }
}

}  // namespace
}  // namespace nasc
