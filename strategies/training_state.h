#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/checkpoint.h"
#include "runtime/training.h"

namespace nasc {

// In the folder of a network while it is trained; without it the network there is done.
inline constexpr char kTrainingFile[] = "training.safetensors";

// Writes a training with the length of the metrics, all at once or not at all. nullptr: there is
// nothing to train.
absl::Status SaveTraining(const std::string& path, const TensorNotes& notes,
                          const Training* training, int64_t metrics);

// Sets a training that was made alike to what was saved; nullptr as above. Returns the length of
// the metrics then. NotFound where there is no such file or it is of another architecture, DataLoss
// where it is damaged or of another training, FailedPrecondition where it is of another space.
absl::StatusOr<int64_t> RestoreTraining(const std::string& path, const Architecture& architecture,
                                        const ir::Graph& supernet, Training* training);

}  // namespace nasc
