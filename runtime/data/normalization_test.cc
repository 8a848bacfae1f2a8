#include "runtime/data/normalization.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

// Three images of two channels of 2x3 pixels.
ImageSet SmallSet() {
  ImageSet set;
  set.shape = {2, 2, 3};
  set.classes = 2;
  set.labels = {0, 1, 0};
  for (int i = 0; i < 3 * 12; ++i) set.pixels.push_back(static_cast<uint8_t>(i * i * 7 + i));
  return set;
}

TEST(NormalizationTest, AgreesWithTheFormula) {
  const ImageSet set = SmallSet();
  const std::vector<int64_t> some = {0, 2};
  const Normalization all = ComputeNormalization(set);
  const Normalization part = ComputeNormalization(set, some);
  for (bool whole : {true, false}) {
    const Normalization& normalization = whole ? all : part;
    ASSERT_EQ(normalization.mean.size(), 2u);
    ASSERT_EQ(normalization.stddev.size(), 2u);
    for (int c = 0; c < 2; ++c) {
      std::vector<double> values;
      for (int64_t n : whole ? std::vector<int64_t>{0, 1, 2} : some) {
        for (int i = 0; i < 6; ++i) values.push_back(set.pixels[n * 12 + c * 6 + i] / 255.0);
      }
      double mean = 0, variance = 0;
      for (double value : values) mean += value / values.size();
      for (double value : values) variance += (value - mean) * (value - mean) / values.size();
      EXPECT_NEAR(normalization.mean[c], mean, 1e-6);
      EXPECT_NEAR(normalization.stddev[c], std::sqrt(variance), 1e-6);
    }
  }
}

TEST(NormalizationTest, OneColourAndNoImages) {
  ImageSet set = SmallSet();
  for (uint8_t& pixel : set.pixels) pixel = 51;
  const Normalization flat = ComputeNormalization(set);
  EXPECT_EQ(flat.mean, (std::vector<float>{0.2f, 0.2f}));
  EXPECT_EQ(flat.stddev, (std::vector<float>{1, 1}));
  const Normalization none = ComputeNormalization(set, {});
  EXPECT_EQ(none.mean, (std::vector<float>{0, 0}));
  EXPECT_EQ(none.stddev, (std::vector<float>{1, 1}));
}

}  // namespace
}  // namespace nasc
