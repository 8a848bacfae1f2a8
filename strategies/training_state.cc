#include "strategies/training_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/checkpoint.h"

namespace nasc {
namespace {

constexpr char kMetrics[] = "metrics";  // bytes

}  // namespace

absl::Status SaveTraining(const std::string& path, const Training* training, int64_t metrics) {
  NamedTensors saved;
  if (training != nullptr) {
    absl::StatusOr<NamedTensors> tensors = training->Save();
    if (!tensors.ok()) return tensors.status();
    saved = *std::move(tensors);
  }
  saved[kMetrics] = SaveNumbers({metrics});
  return SaveTensors(path, saved);
}

absl::StatusOr<int64_t> RestoreTraining(const std::string& path, Training* training) {
  const absl::StatusOr<TensorFile> file = LoadTensors(path);
  if (!file.ok()) return file.status();
  const auto metrics = RestoreNumbers(file->tensors, kMetrics, 1);
  absl::Status status = metrics.status();
  if (status.ok() && training != nullptr) status = training->Restore(file->tensors);
  if (status.ok()) return metrics->front();
  return absl::DataLossError(absl::StrCat(path, " is not of this training: ", status.message()));
}

}  // namespace nasc
