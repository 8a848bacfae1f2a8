#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/trained_run.h"

namespace nasc {

inline constexpr char kCardFormat[] = "card";

// What there is to know of a trained network of the run in `folder`, in Markdown.
absl::StatusOr<std::string> ModelCard(const TrainedRun& run, const std::string& folder);

}  // namespace nasc
