// A trained network with a primitive of this workspace, as a library.

#include "figures.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace {

TEST(FiguresTest, ComputesWithThePrimitive) {
  const absl::StatusOr<nasc::Model> model = figures::Load();
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->classes(), 5);
  const nasc::ImageShape& shape = model->image();
  const size_t size = shape.channels * shape.height * shape.width;
  // The first image is black, the second has a white left half.
  std::vector<uint8_t> images(2 * size, 0);
  for (size_t i = 0; i < size; ++i) images[size + i] = i % shape.width < shape.width / 2 ? 255 : 0;
  const absl::StatusOr<std::vector<float>> logits = model->Run(images);
  ASSERT_TRUE(logits.ok()) << logits.status();
  ASSERT_EQ(logits->size(), 10u);
  float difference = 0;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(std::isfinite((*logits)[i]));
    difference += std::fabs((*logits)[i] - (*logits)[5 + i]);
  }
  EXPECT_GT(difference, 0.1f);
}

}  // namespace
