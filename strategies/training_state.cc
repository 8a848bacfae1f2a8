#include "strategies/training_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

constexpr char kMetrics[] = "metrics";  // bytes

}  // namespace

absl::Status SaveTraining(const std::string& path, const TensorNotes& notes,
                          const Training* training, int64_t metrics) {
  NamedTensors saved;
  if (training != nullptr) {
    absl::StatusOr<NamedTensors> tensors = training->Save();
    if (!tensors.ok()) return tensors.status();
    saved = *std::move(tensors);
  }
  saved[kMetrics] = SaveNumbers({metrics});
  return SaveTensors(path, saved, notes);
}

absl::StatusOr<int64_t> RestoreTraining(const std::string& path, const Architecture& architecture,
                                        const ir::Graph& supernet, Training* training) {
  const absl::StatusOr<TensorFile> file = LoadTensors(path);
  if (!file.ok()) return file.status();
  absl::Status status = CheckIdentity(file->notes, path, supernet);
  if (!status.ok()) return status;
  // Those of earlier versions do not say.
  if (!file->notes.empty()) {
    status = CheckArchitecture(file->notes, path, architecture, supernet);
    if (!status.ok()) return absl::NotFoundError(status.message());
  }
  const auto metrics = RestoreNumbers(file->tensors, kMetrics, 1);
  status = metrics.status();
  if (status.ok() && training != nullptr) status = training->Restore(file->tensors);
  if (status.ok()) return metrics->front();
  return absl::DataLossError(absl::StrCat(path, " is not of this training: ", status.message()));
}

}  // namespace nasc
