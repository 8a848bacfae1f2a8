#include "runtime/data/npy.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/data/hold_out.h"
#include "runtime/data/npy_array.h"

namespace nasc {
namespace {

constexpr char kFirst[] = "channels_first";
constexpr char kLast[] = "channels_last";

template <typename... Parts>
absl::Status Error(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

std::string Text(const ImageShape& shape) {
  return absl::StrCat(shape.channels, "x", shape.height, "x", shape.width);
}

// Where the channels of an array of four dimensions are.
absl::StatusOr<bool> ChannelsAreLast(const std::string& path, const std::vector<int64_t>& dims,
                                     const std::string& layout) {
  if (!layout.empty()) return layout == kLast;
  const auto usual = [](int64_t channels) { return channels == 1 || channels == 3; };
  if (usual(dims[1]) != usual(dims[3])) return usual(dims[3]);
  return Error(path, ": its array is ", absl::StrJoin(dims, "x"), ": give data npy { layout = \"",
               kFirst, "\" } or \"", kLast, "\"");
}

// [count][height][width][channels] to [count][channels][height][width].
std::vector<uint8_t> ChannelsFirst(const std::vector<uint8_t>& from, const ImageShape& shape) {
  const int64_t plane = int64_t{shape.height} * shape.width;
  std::vector<uint8_t> pixels(from.size());
  uint8_t* out = pixels.data();
  for (const uint8_t* image = from.data(); image < from.data() + from.size();
       image += shape.size()) {
    for (int64_t c = 0; c < shape.channels; ++c) {
      for (int64_t i = 0; i < plane; ++i) *out++ = image[i * shape.channels + c];
    }
  }
  return pixels;
}

absl::Status ReadImages(const std::string& path, const std::string& layout, ImageSet& set) {
  absl::StatusOr<NpyArray> array = ReadNpy(path);
  if (!array.ok()) return array.status();
  std::vector<int64_t> dims = array->dims;
  if (array->type != "|u1") {
    return Error(path, ": its elements are '", array->type, "'; images are bytes: numpy.uint8");
  }
  if (dims.size() != 3 && dims.size() != 4) {
    return Error(path, ": its array is ", absl::StrJoin(dims, "x"),
                 "; images are count x height x width, or four dimensions with channels");
  }
  if (array->data.empty()) {
    return Error(path, ": its array is ", absl::StrJoin(dims, "x"), ": it holds no images");
  }
  const bool grey = dims.size() == 3;
  if (grey) dims.insert(dims.begin() + 1, 1);
  bool last = false;
  if (!grey) {
    const absl::StatusOr<bool> found = ChannelsAreLast(path, dims, layout);
    if (!found.ok()) return found.status();
    last = *found;
  }
  if (last) std::rotate(dims.begin() + 1, dims.begin() + 3, dims.end());
  if (*std::max_element(dims.begin(), dims.end()) > std::numeric_limits<int>::max()) {
    return Error(path, ": its array is ", absl::StrJoin(array->dims, "x"),
                 ": too large a side or number of images");
  }
  set.shape = {static_cast<int>(dims[1]), static_cast<int>(dims[2]), static_cast<int>(dims[3])};
  set.pixels = last ? ChannelsFirst(array->data, set.shape) : std::move(array->data);
  set.labels.resize(dims[0]);
  return absl::OkStatus();
}

// Labels for the images of the set, which `images` holds.
absl::Status ReadLabels(const std::string& path, const std::string& images, ImageSet& set) {
  const absl::StatusOr<NpyArray> array = ReadNpy(path);
  if (!array.ok()) return array.status();
  const absl::StatusOr<std::vector<int64_t>> labels = WholeNumbers(*array);
  if (!labels.ok()) return Error(path, ": ", labels.status().message());
  if (array->dims.size() != 1) {
    return Error(path, ": its array is ", absl::StrJoin(array->dims, "x"),
                 ", not a list of labels");
  }
  if (array->size() != set.size()) {
    return Error(path, ": it holds ", array->size(), " labels for the ", set.size(), " images of ",
                 images);
  }
  for (int64_t i = 0; i < array->size(); ++i) {
    const int64_t label = (*labels)[i];
    if (label < 0 || label >= kMaxNpyClasses) {
      return Error(path, ": label ", i, " is ", label, "; labels are 0 to ", kMaxNpyClasses - 1);
    }
    set.labels[i] = static_cast<int32_t>(label);
    set.classes = std::max(set.classes, static_cast<int>(label) + 1);
  }
  return absl::OkStatus();
}

absl::Status ReadTest(const NpySpec& spec, Dataset& dataset) {
  ImageSet& test = dataset.test;
  const ImageSet& train = dataset.train;
  absl::Status status = ReadImages(spec.test_images, spec.layout, test);
  if (!status.ok()) return status;
  status = ReadLabels(spec.test_labels, spec.test_images, test);
  if (!status.ok()) return status;
  if (test.shape != train.shape) {
    return Error(spec.test_images, ": its images are ", Text(test.shape), ", those of ",
                 spec.images, " are ", Text(train.shape));
  }
  if (test.classes > train.classes) {
    return Error(spec.test_labels, ": it has a label ", test.classes - 1, ", ", spec.labels,
                 " only those to ", train.classes - 1);
  }
  test.classes = train.classes;
  return absl::OkStatus();
}

absl::Status CheckSpec(const NpySpec& spec) {
  if (spec.images.empty() || spec.labels.empty()) {
    return Error(
        "data npy: it needs two files: data npy { images = \"x.npy\"  labels = \"y.npy\" }");
  }
  if (spec.test_images.empty() != spec.test_labels.empty()) {
    return Error("data npy: `test_images` and `test_labels` go together");
  }
  if (!spec.test_images.empty() && spec.test_part > 0) {
    return Error("data npy: `test_part` is for data without `test_images`");
  }
  if (!spec.layout.empty() && spec.layout != kFirst && spec.layout != kLast) {
    return Error("data npy: layout = \"", spec.layout, "\": there are \"", kFirst, "\" and \"",
                 kLast, "\"");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Dataset> LoadNpy(const NpySpec& spec) {
  absl::Status status = CheckSpec(spec);
  if (!status.ok()) return status;
  Dataset dataset;
  dataset.name = "npy";
  status = ReadImages(spec.images, spec.layout, dataset.train);
  if (!status.ok()) return status;
  status = ReadLabels(spec.labels, spec.images, dataset.train);
  if (!status.ok()) return status;
  if (dataset.train.classes < 2) return Error(spec.labels, ": every label is 0");
  if (spec.test_images.empty()) {
    HoldOut(spec.test_part, dataset);
    return dataset;
  }
  status = ReadTest(spec, dataset);
  if (!status.ok()) return status;
  return dataset;
}

}  // namespace nasc
