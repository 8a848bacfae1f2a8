// Images of the usual formats, from files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "runtime/data/resize.h"

namespace nasc {

// The longest side of an image that is read.
constexpr int kMaxImageSide = 1 << 14;

// Whether the name ends as those of the formats that ReadImageFile knows do: .png, .jpg, .jpeg,
// .bmp, .pgm or .ppm, in small or capital letters.
bool IsImageName(const std::string& path);

// Reads a PNG, JPEG, BMP, or binary PGM or PPM file: one channel of grey, or three of colour.
// Transparency does not count, and samples of 16 bits become bytes. Errors name the file: it cannot
// be read; it is no such image, a damaged or a too large one.
absl::StatusOr<Image> ReadImageFile(const std::string& path);

// Colour as grey (the luma of Rec. 601), or grey as colour; the image itself where it has that
// many channels, 1 or 3, already.
Image WithChannels(Image image, int channels);

}  // namespace nasc
