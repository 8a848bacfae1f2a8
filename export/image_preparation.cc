#include "export/image_preparation.h"

#include <utility>

#include "runtime/data/dataset.h"
#include "runtime/data/split.h"

namespace nasc {

absl::StatusOr<std::optional<ImagePreparation>> PreparationOf(const std::string& dataset,
                                                              const Options& data) {
  absl::StatusOr<DatasetInfo> info = FindDataset(dataset);
  if (!info.ok()) return info.status();
  if (info->kind == DatasetInfo::Kind::kTable) return std::nullopt;
  absl::StatusOr<Dataset> images = LoadDataset(dataset, data);
  if (!images.ok()) return images.status();
  ImagePreparation preparation;
  preparation.padding = data.Whole("pad");
  preparation.normalization =
      ComputeNormalization(images->train, FirstIndices(images->train.size(), data.Whole("train")));
  return preparation;
}

}  // namespace nasc
