#include "runtime/data/hold_out.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/data/split.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

ImageSet Take(const ImageSet& from, std::vector<int64_t> indices) {
  std::sort(indices.begin(), indices.end());
  ImageSet taken;
  taken.shape = from.shape;
  taken.classes = from.classes;
  const int64_t size = from.shape.size();
  taken.pixels.reserve(indices.size() * size);
  for (const int64_t i : indices) {
    const auto image = from.pixels.begin() + i * size;
    taken.pixels.insert(taken.pixels.end(), image, image + size);
    taken.labels.push_back(from.labels[i]);
  }
  return taken;
}

}  // namespace

void HoldOut(double part, Dataset& dataset) {
  Split split = SplitIndices(dataset.train.size(), part > 0 ? part : kTestPart,
                             HashSeed(0, "images to test with"));
  dataset.test = Take(dataset.train, std::move(split.second));
  dataset.train = Take(dataset.train, std::move(split.first));
}

}  // namespace nasc
