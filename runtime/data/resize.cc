#include "runtime/data/resize.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace nasc {
namespace {

// What an output pixel is the weighted mean of.
struct Taps {
  int64_t first = 0;  // of the input pixels
  std::vector<int64_t> weights;
  int64_t sum = 0;
};

// The taps of `count` output pixels from `begin` on, of a line of `from` pixels resized to `to`.
// The weight falls from the output's centre to zero at a distance of one pixel of whichever is
// coarser. Distances are counted in parts of which both pixels have whole numbers.
std::vector<Taps> MakeTaps(int64_t from, int64_t to, int64_t begin, int64_t count) {
  const int64_t reach = 2 * std::max(from, to);
  std::vector<Taps> all(count);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t centre = (2 * (begin + i) + 1) * from;
    Taps& taps = all[i];
    taps.first = std::max<int64_t>(0, (centre - reach) / (2 * to));
    for (int64_t j = taps.first; j < from; ++j) {
      const int64_t position = (2 * j + 1) * to;
      if (position >= centre + reach) break;
      taps.weights.push_back(std::max<int64_t>(0, reach - std::abs(position - centre)));
      taps.sum += taps.weights.back();
    }
  }
  return all;
}

// One line of pixels that lie `stride` apart, into one that lies so too.
void ResizeLine(const uint8_t* in, const std::vector<Taps>& all, int64_t stride, uint8_t* out) {
  for (const Taps& taps : all) {
    int64_t sum = taps.sum / 2;  // rounds to the nearest
    const uint8_t* pixel = in + taps.first * stride;
    for (const int64_t weight : taps.weights) {
      sum += weight * *pixel;
      pixel += stride;
    }
    *out = static_cast<uint8_t>(sum / taps.sum);
    out += stride;
  }
}

}  // namespace

Image FitSquare(const Image& image, int size) {
  const ImageShape& shape = image.shape;
  if (shape.height == size && shape.width == size) return image;
  const int64_t shorter = std::min(shape.height, shape.width);
  const auto taps = [&](int64_t side) {
    const int64_t resized = std::max<int64_t>(size, (side * size + shorter / 2) / shorter);
    return MakeTaps(side, resized, (resized - size) / 2, size);
  };
  const std::vector<Taps> across = taps(shape.width);
  const std::vector<Taps> down = taps(shape.height);

  const int64_t rows = int64_t{shape.channels} * shape.height;
  std::vector<uint8_t> narrow(rows * size);
  for (int64_t row = 0; row < rows; ++row) {
    ResizeLine(&image.pixels[row * shape.width], across, 1, &narrow[row * size]);
  }
  Image result;
  result.shape = {shape.channels, size, size};
  result.pixels.resize(result.shape.size());
  for (int64_t channel = 0; channel < shape.channels; ++channel) {
    for (int64_t column = 0; column < size; ++column) {
      ResizeLine(&narrow[channel * shape.height * size + column], down, size,
                 &result.pixels[channel * size * size + column]);
    }
  }
  return result;
}

}  // namespace nasc
