// A data set: figures that are drawn, not read. Nothing is downloaded, and there are as many as one
// wants.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "runtime/data/dataset.h"
#include "runtime/random/random.h"

namespace {

// Whether a figure covers a point; it reaches from -1 to 1 in both directions.
using Figure = bool (*)(double x, double y);

constexpr Figure kFigures[] = {
    [](double x, double y) { return x * x + y * y < 1; },                         // disc
    [](double x, double y) { return std::max(std::abs(x), std::abs(y)) < 0.9; },  // square
    [](double x, double y) { return std::abs(x) + std::abs(y) < 1; },             // diamond
    [](double x, double y) { return std::abs(std::hypot(x, y) - 0.75) < 0.25; },  // ring
    [](double x, double y) { return std::min(std::abs(x), std::abs(y)) < 0.3; },  // cross
};

// A figure of a random size at a random place, under noise.
void Draw(Figure figure, int side, double noise, nasc::Rng& rng, uint8_t* pixels) {
  const double radius = side * (0.2 + 0.2 * rng.Uniform());
  const double centre_x = radius + (side - 2 * radius) * rng.Uniform();
  const double centre_y = radius + (side - 2 * radius) * rng.Uniform();
  for (int i = 0; i < side * side; ++i) {
    const double x = (i % side + 0.5 - centre_x) / radius;
    const double y = (i / side + 0.5 - centre_y) / radius;
    const bool covered = std::abs(x) < 1 && std::abs(y) < 1 && figure(x, y);
    const double grey = (covered ? 192 : 64) + 255 * noise * rng.Gaussian();
    pixels[i] = static_cast<uint8_t>(std::clamp(grey, 0.0, 255.0));
  }
}

nasc::ImageSet DrawAll(int64_t count, int side, double noise, nasc::Rng rng) {
  nasc::ImageSet set;
  set.shape = {1, side, side};
  set.classes = std::size(kFigures);
  set.pixels.resize(count * set.shape.size());
  for (int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<int32_t>(rng.Below(set.classes));
    set.labels.push_back(label);
    Draw(kFigures[label], side, noise, rng, &set.pixels[i * set.shape.size()]);
  }
  return set;
}

absl::StatusOr<nasc::Dataset> Load(const nasc::Options& options) {
  const int64_t count = options.Whole("count");
  const auto side = static_cast<int>(options.Whole("side"));
  const double noise = options.Real("noise");
  nasc::Dataset shapes;
  shapes.train = DrawAll(count, side, noise, nasc::Rng(1));
  shapes.test = DrawAll(count / 5, side, noise, nasc::Rng(2));
  return shapes;
}

using Kind = nasc::OptionSpec::Kind;

const nasc::DatasetRegistration registration(
    "shapes", "discs, squares, diamonds, rings and crosses, 1xSIDExSIDE, five classes",
    {{"count", Kind::kWhole, 2000, 5, 1e6, "", "images to train with; a fifth of it to test with"},
     {"side", Kind::kWhole, 16, 8, 256, "", "of an image, in pixels"},
     {"noise", Kind::kReal, 0.2, 0, 1, "", "its standard deviation; 1: from black to white"}},
    Load);

}  // namespace
