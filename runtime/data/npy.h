// Images of the user's own, in files as NumPy's `save` writes them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "runtime/data/image_set.h"

namespace nasc {

struct NpySpec {
  std::string images;
  std::string labels;
  std::string test_images;  // "" as test_labels: a part of the images is to test with
  std::string test_labels;
  std::string layout;    // "channels_first", "channels_last"; "": as the sizes tell
  double test_part = 0;  // 0: kTestPart, where there are no others
};

// Loads images, bytes [count][height][width] or with channels before or behind these two, and
// labels, whole numbers [count] of which the greatest is the last class. Which of the two it is, 1
// or 3 channels tell; where that is not clear, `layout` must say. Errors name the file: those of
// ReadNpy; other elements or dimensions; no images, images of no pixels, another number of labels;
// a label below 0, or above those to train with or kMaxNpyClasses; images to test with that are not
// of the same shape, or beside a test part.
absl::StatusOr<Dataset> LoadNpy(const NpySpec& spec);

// Above what labels of images are, far below what names of files, say, would give.
constexpr int kMaxNpyClasses = 10000;

}  // namespace nasc
