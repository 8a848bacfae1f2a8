#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "dsl/space.h"
#include "runtime/checkpoint.h"
#include "runtime/saved_state.h"

namespace nasc {

// A file of weights, with its name for errors.
struct WeightsFile {
  std::string path;
  TensorFile file;
};

absl::StatusOr<WeightsFile> LoadWeights(const std::string& path);

// The space as it was lowered for the training of the weights: at their scale, for their input.
// FailedPrecondition: they are of another space, version or scale ("" takes theirs), or of a
// network that does not take images.
absl::StatusOr<ir::Graph> SupernetOf(const WeightsFile& weights, const Space& space,
                                     const std::string& scale);

// Those of the program. FailedPrecondition: one is missing or has another shape.
absl::StatusOr<NamedTensors> WeightsOf(const Program& program, const WeightsFile& weights);

}  // namespace nasc
