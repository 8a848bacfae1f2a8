// Images of the user's own, a folder a class.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "runtime/data/image_set.h"

namespace nasc {

struct ImageFolderSpec {
  std::string path;
  int size = 0;      // see FitSquare; 0: images must be of one size
  int channels = 0;  // 1 or 3; 0: those of the first image
  // The part of the images to test with where there is no folder `test`; 0: kTestPart.
  double test_part = 0;
};

// Loads PATH/train/CLASS/IMAGE and PATH/test/CLASS/IMAGE, of the formats of ReadImageFile. The
// folders of the classes in order of name are the labels; names that begin with a dot do not count.
// Images are in an order that mixes the classes and is always the same. Errors name the file or
// folder: there is none; fewer than two classes, other ones in `test`, or an empty one; a file that
// is no image, of another size than the first, or of colour where the first is grey and `channels`
// does not say what to make of it; a test part beside a folder `test`.
absl::StatusOr<Dataset> LoadImageFolder(const ImageFolderSpec& spec);

}  // namespace nasc
