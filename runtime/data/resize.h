// Brings images to one size.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/data/image_set.h"

namespace nasc {

// An image by itself.
struct Image {
  ImageShape shape;
  std::vector<uint8_t> pixels;  // [channels][height][width]
};

// The image resized so that its shorter side is `size`, of which the middle `size` x `size` is
// kept. Where it shrinks, every pixel of the original counts (a triangle filter that widens with
// the factor); where it grows, it is interpolated linearly. In whole numbers, so it is the same
// everywhere.
Image FitSquare(const Image& image, int size);

}  // namespace nasc
