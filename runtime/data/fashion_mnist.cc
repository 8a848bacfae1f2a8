#include "runtime/data/fashion_mnist.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/data/data_folder.h"
#include "runtime/data/idx.h"

namespace nasc {
namespace {

constexpr int kClasses = 10;
constexpr int kSide = 28;

absl::StatusOr<IdxArray> ReadPart(const std::string& path) {
  absl::StatusOr<IdxArray> array = ReadIdx(path);
  if (absl::IsNotFound(array.status())) {
    return absl::NotFoundError(
        absl::StrCat(path,
                     ": no such file: install the package dataset-fashion-mnist (tools/setup.sh "
                     "does) or give data { path = ... }"));
  }
  return array;
}

// Loads the images and labels whose files begin with `part`.
absl::StatusOr<ImageSet> LoadPart(absl::string_view folder, absl::string_view part) {
  const std::string images_path = absl::StrCat(folder, "/", part, "-images-idx3-ubyte.gz");
  const std::string labels_path = absl::StrCat(folder, "/", part, "-labels-idx1-ubyte.gz");
  absl::StatusOr<IdxArray> images = ReadPart(images_path);
  if (!images.ok()) return images.status();
  absl::StatusOr<IdxArray> labels = ReadPart(labels_path);
  if (!labels.ok()) return labels.status();

  if (images->dims.size() != 3 || images->dims[1] != kSide || images->dims[2] != kSide) {
    return absl::InvalidArgumentError(absl::StrCat(images_path, ": its array is ",
                                                   absl::StrJoin(images->dims, "x"),
                                                   ", not a number of 28x28 images"));
  }
  if (labels->dims.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(labels_path, ": its array is ",
                                                   absl::StrJoin(labels->dims, "x"),
                                                   ", not a list of labels"));
  }
  if (images->dims[0] != labels->dims[0]) {
    return absl::InvalidArgumentError(absl::StrCat(labels_path, ": it holds ", labels->dims[0],
                                                   " labels for the ", images->dims[0],
                                                   " images of ", images_path));
  }
  if (labels->data.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(images_path, ": it holds no images"));
  }
  const auto wrong = std::find_if(labels->data.begin(), labels->data.end(),
                                  [](uint8_t label) { return label >= kClasses; });
  if (wrong != labels->data.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(labels_path, ": label ", wrong - labels->data.begin(), " is ",
                     static_cast<int>(*wrong), "; there are ", kClasses, " classes"));
  }

  ImageSet set;
  set.shape = {1, kSide, kSide};
  set.classes = kClasses;
  set.pixels = std::move(images->data);
  set.labels.assign(labels->data.begin(), labels->data.end());
  return set;
}

}  // namespace

absl::StatusOr<Dataset> LoadFashionMnist(absl::string_view folder) {
  const std::string from = DataFolder(folder, "fashion-mnist");
  absl::StatusOr<ImageSet> train = LoadPart(from, "train");
  if (!train.ok()) return train.status();
  absl::StatusOr<ImageSet> test = LoadPart(from, "t10k");
  if (!test.ok()) return test.status();
  return Dataset{"fashion_mnist", *std::move(train), *std::move(test)};
}

}  // namespace nasc
