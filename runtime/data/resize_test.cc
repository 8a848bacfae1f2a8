#include "runtime/data/resize.h"

#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

Image Make(ImageShape shape, std::vector<uint8_t> pixels) { return {shape, std::move(pixels)}; }

TEST(ResizeTest, KeepsWhatFits) {
  std::vector<uint8_t> pixels(2 * 3 * 3);
  std::iota(pixels.begin(), pixels.end(), 0);
  const Image image = Make({2, 3, 3}, pixels);
  EXPECT_EQ(FitSquare(image, 3).pixels, pixels);
}

TEST(ResizeTest, KeepsTheMiddle) {
  const Image wide = Make({1, 2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_EQ(FitSquare(wide, 2).pixels, (std::vector<uint8_t>{3, 4, 9, 10}));
  EXPECT_EQ(FitSquare(wide, 2).shape, (ImageShape{1, 2, 2}));
  const Image tall = Make({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(FitSquare(tall, 1).pixels, (std::vector<uint8_t>{2, 5}));
}

TEST(ResizeTest, InterpolatesWhereItGrows) {
  const Image image = Make({1, 2, 2}, {0, 40, 80, 120});
  // Centres of output pixels lie at 1/4, 3/4, 5/4, 7/4 of the input's.
  EXPECT_EQ(FitSquare(image, 4).pixels, (std::vector<uint8_t>{0, 10, 30, 40,    //
                                                              20, 30, 50, 60,   //
                                                              60, 70, 90, 100,  //
                                                              80, 90, 110, 120}));
}

TEST(ResizeTest, EveryPixelCountsWhereItShrinks) {
  for (int at = 0; at < 64; ++at) {
    Image image = Make({1, 8, 8}, std::vector<uint8_t>(64, 0));
    image.pixels[at] = 255;
    const std::vector<uint8_t> small = FitSquare(image, 2).pixels;
    EXPECT_GT(std::accumulate(small.begin(), small.end(), 0), 0) << at;
  }
}

TEST(ResizeTest, KeepsOneColour) {
  for (const int side : {1, 2, 5, 7, 16, 33}) {
    for (const int size : {1, 3, 8, 20}) {
      const Image image = Make({3, side, 2 * side}, std::vector<uint8_t>(6 * side * side, 201));
      EXPECT_EQ(FitSquare(image, size).pixels, std::vector<uint8_t>(3 * size * size, 201));
    }
  }
}

}  // namespace
}  // namespace nasc
