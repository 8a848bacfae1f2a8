// Says what is on images of clothes: classify IMAGE...
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "examples/inference/clothes.h"
#include "runtime/data/image_file.h"

namespace {

constexpr const char* kClasses[] = {"t-shirt", "trouser", "pullover", "dress", "coat",
                                    "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

// The file as an image of the form that the network takes.
absl::StatusOr<std::vector<uint8_t>> ReadImage(const std::string& path,
                                               const nasc::ImageShape& shape) {
  absl::StatusOr<nasc::Image> image = nasc::ReadImageFile(path);
  if (!image.ok()) return image.status();
  return nasc::FitSquare(nasc::WithChannels(*std::move(image), shape.channels), shape.height)
      .pixels;
}

absl::Status Classify(const std::vector<std::string>& paths) {
  const absl::StatusOr<nasc::Model> model = clothes::Load();
  if (!model.ok()) return model.status();
  for (const std::string& path : paths) {
    const absl::StatusOr<std::vector<uint8_t>> image = ReadImage(path, model->image());
    if (!image.ok()) return image.status();
    const absl::StatusOr<std::vector<float>> logits = model->Run(*image);
    if (!logits.ok()) return logits.status();
    const std::vector<double> probabilities = nasc::Probabilities(*logits);
    size_t best = 0;
    for (size_t i = 1; i < probabilities.size(); ++i) {
      if (probabilities[i] > probabilities[best]) best = i;
    }
    std::printf("%s: %s, probability %.7f\n", path.c_str(), kClasses[best], probabilities[best]);
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status = Classify({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fprintf(stderr, "classify: %s\n", std::string(status.message()).c_str());
  return 1;
}
