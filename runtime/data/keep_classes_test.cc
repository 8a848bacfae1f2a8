#include "runtime/data/keep_classes.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

Dataset Three() {
  ImageSet images;
  images.shape = {1, 1, 2};
  images.classes = 3;
  images.labels = {0, 1, 2, 1, 0};
  images.pixels = {0, 1, 10, 11, 20, 21, 30, 31, 40, 41};
  return {"three", images, images};
}

TEST(KeepClassesTest, KeepsImagesAndNumbersClassesInTheGivenOrder) {
  Dataset dataset = Three();
  ASSERT_TRUE(KeepClasses("2, 0", dataset).ok());
  for (const ImageSet* images : {&dataset.train, &dataset.test}) {
    EXPECT_EQ(images->classes, 2);
    EXPECT_EQ(images->labels, (std::vector<int32_t>{1, 0, 1}));
    EXPECT_EQ(images->pixels, (std::vector<uint8_t>{0, 1, 20, 21, 40, 41}));
  }
}

TEST(KeepClassesTest, WhatIsNoListOfClassesIsAnError) {
  for (const char* classes : {"0", "0, 3", "0, -1", "0, 0", "0, x", " "}) {
    Dataset dataset = Three();
    EXPECT_FALSE(KeepClasses(classes, dataset).ok()) << classes;
    EXPECT_EQ(dataset.train.size(), 5);
  }
}

}  // namespace
}  // namespace nasc
