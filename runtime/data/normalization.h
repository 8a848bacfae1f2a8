// The mean and standard deviation that bring pixels to mean 0 and variance 1.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/data/image_set.h"

namespace nasc {

// Per channel, of pixels scaled to 0 .. 1. A pixel becomes (byte / 255 - mean) / stddev. Both
// empty: byte / 255.
struct Normalization {
  std::vector<float> mean;
  std::vector<float> stddev;  // Positive.
};

// Over all the images, or over those at `indices` (each in 0 .. images.size() - 1), as they are:
// without padding. A channel of one colour, or no images at all, gives the standard deviation 1, so
// that normalising stays defined.
Normalization ComputeNormalization(const ImageSet& images);
Normalization ComputeNormalization(const ImageSet& images, const std::vector<int64_t>& indices);

}  // namespace nasc
