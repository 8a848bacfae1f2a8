// Labelled images in memory, as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nasc {

// The size of one image, in pixels.
struct ImageShape {
  int channels = 0;
  int height = 0;
  int width = 0;

  int64_t size() const { return int64_t{channels} * height * width; }
};

inline bool operator==(const ImageShape& a, const ImageShape& b) {
  return a.channels == b.channels && a.height == b.height && a.width == b.width;
}
inline bool operator!=(const ImageShape& a, const ImageShape& b) { return !(a == b); }

// Labelled images of one shape.
struct ImageSet {
  ImageShape shape;
  int classes = 0;
  std::vector<uint8_t> pixels;  // [count][channels][height][width], 0 is black.
  std::vector<int32_t> labels;  // [count], each in 0 .. classes - 1.

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
};

// A data set as its publisher split it. Both parts have the same shape and number of classes.
struct Dataset {
  std::string name;  // As in KnownDatasets().
  ImageSet train;
  ImageSet test;
};

}  // namespace nasc
