#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "export/exported_network.h"

namespace nasc {

// How the task of a `data` line makes the inputs of its networks; nothing for rows of a table. As a
// task does (see runtime/task.h), the normalisation is that of the images trained with.
absl::StatusOr<std::optional<ImagePreparation>> PreparationOf(const std::string& dataset,
                                                              const Options& data);

}  // namespace nasc
