#pragma once

#include "absl/status/statusor.h"
#include "runtime/checkpoint.h"
#include "runtime/data/image_preparation.h"

namespace nasc {

// How images become the input of a network, as notes beside its weights, so that whoever has the
// weights needs no data.
TensorNotes PreparationNotes(const ImagePreparation& preparation);

// Reads them back, the very same numbers. FailedPrecondition where one is missing, as in files of
// networks for rows; DataLoss where one is damaged.
absl::StatusOr<ImagePreparation> PreparationIn(const TensorNotes& notes);

}  // namespace nasc
