#include "runtime/data/check_dataset.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

absl::Status CheckPart(const char* part, const ImageSet& set) {
  const ImageShape& shape = set.shape;
  const auto pixels = static_cast<int64_t>(set.pixels.size());
  if (shape.size() <= 0 || pixels != set.size() * shape.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(pixels, " pixels of ", part, " images do not make ", set.size(), " of ",
                     shape.channels, "x", shape.height, "x", shape.width));
  }
  const auto wrong = absl::c_find_if(
      set.labels, [&set](int32_t label) { return label < 0 || label >= set.classes; });
  if (wrong == set.labels.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a ", part, " image has the label ", *wrong,
                                                 ", which is none of ", set.classes, " classes"));
}

}  // namespace

absl::Status CheckDataset(const Dataset& dataset) {
  const auto& [name, train, test] = dataset;
  if (train.size() == 0) return absl::InvalidArgumentError("no images to train with");
  if (absl::Status status = CheckPart("training", train); !status.ok()) return status;
  if (absl::Status status = CheckPart("test", test); !status.ok()) return status;
  if (train.shape == test.shape && train.classes == test.classes) return absl::OkStatus();
  return absl::InvalidArgumentError("training and test images have other shapes or classes");
}

}  // namespace nasc
