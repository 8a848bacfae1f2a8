#include "runtime/data/normalization.h"

#include <array>
#include <cmath>

#include "runtime/data/split.h"

namespace nasc {

Normalization ComputeNormalization(const ImageSet& images) {
  return ComputeNormalization(images, FirstIndices(images.size(), 0));
}

Normalization ComputeNormalization(const ImageSet& images, const std::vector<int64_t>& indices) {
  const int64_t plane = int64_t{images.shape.height} * images.shape.width;
  // How often each byte occurs decides both moments, exactly and in one pass.
  std::vector<std::array<int64_t, 256>> histograms(images.shape.channels);
  for (int64_t index : indices) {
    const uint8_t* pixels = images.pixels.data() + index * images.shape.size();
    for (auto& histogram : histograms) {
      for (int64_t i = 0; i < plane; ++i) ++histogram[pixels[i]];
      pixels += plane;
    }
  }
  Normalization result;
  for (const auto& histogram : histograms) {
    int64_t count = 0, sum = 0;
    for (int value = 0; value < 256; ++value) {
      count += histogram[value];
      sum += histogram[value] * value;
    }
    const double mean = count > 0 ? static_cast<double>(sum) / count : 0;
    double squares = 0;
    for (int value = 0; value < 256; ++value) {
      squares += histogram[value] * (value - mean) * (value - mean);
    }
    result.mean.push_back(static_cast<float>(mean / 255));
    result.stddev.push_back(squares > 0 ? static_cast<float>(std::sqrt(squares / count) / 255)
                                        : 1.0f);
  }
  return result;
}

}  // namespace nasc
