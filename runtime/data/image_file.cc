#include "runtime/data/image_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

// The decoder is one header, whose code belongs to this file alone.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_PNM
#include "stb/stb_image.h"

namespace nasc {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct PixelFreer {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

}  // namespace

bool IsImageName(const std::string& path) {
  const std::string name = absl::AsciiStrToLower(path);
  for (const char* end : {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"}) {
    if (absl::EndsWith(name, end)) return true;
  }
  return false;
}

absl::StatusOr<Image> ReadImageFile(const std::string& path) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    const std::string message = absl::StrCat(path, ": cannot open: ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  const auto damaged = [&] {
    return absl::DataLossError(absl::StrCat(
        path, ": cannot be read as a PNG, JPEG, BMP, PGM or PPM image: ", stbi_failure_reason()));
  };
  int width = 0, height = 0, samples = 0;
  // Leaves the file where it was. Says how much memory an image will take before it takes it.
  if (stbi_info_from_file(file.get(), &width, &height, &samples) == 0) return damaged();
  if (std::max(width, height) > kMaxImageSide) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": its image is ", width, " wide and ",
                                                   height, " high; a side has at most ",
                                                   kMaxImageSide, " pixels"));
  }
  // Two samples are grey, four are colour, with transparency.
  const int channels = samples <= 2 ? 1 : 3;
  const std::unique_ptr<stbi_uc, PixelFreer> pixels(
      stbi_load_from_file(file.get(), &width, &height, &samples, samples));
  if (pixels == nullptr) return damaged();
  Image image;
  image.shape = {channels, height, width};
  image.pixels.resize(image.shape.size());
  uint8_t* out = image.pixels.data();
  const int64_t count = int64_t{height} * width;
  const int step = samples;
  for (int channel = 0; channel < channels; ++channel) {
    for (int64_t i = 0; i < count; ++i) *out++ = pixels.get()[i * step + channel];
  }
  return image;
}

Image WithChannels(Image image, int channels) {
  if (image.shape.channels == channels) return image;
  Image result;
  result.shape = {channels, image.shape.height, image.shape.width};
  if (channels == 3) {
    for (int i = 0; i < 3; ++i) {
      result.pixels.insert(result.pixels.end(), image.pixels.begin(), image.pixels.end());
    }
    return result;
  }
  const int64_t plane = result.shape.size();
  result.pixels.resize(plane);
  for (int64_t i = 0; i < plane; ++i) {
    const int sum =
        299 * image.pixels[i] + 587 * image.pixels[plane + i] + 114 * image.pixels[2 * plane + i];
    result.pixels[i] = static_cast<uint8_t>((sum + 500) / 1000);
  }
  return result;
}

}  // namespace nasc
