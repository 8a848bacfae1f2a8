#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/space.h"

namespace nasc {

// What replaces the defaults of the space's `input` line: the data decides. Either images or rows
// of features; either classes or the numbers of a regression.
struct InputSpec {
  int64_t channels = 0;  // of images
  int64_t height = 0;
  int64_t width = 0;
  int64_t classes = 0;
  int64_t features = 0;  // 0: images
  int64_t outputs = 0;   // of a regression; 0: classes
};

struct LowerOptions {
  std::string scale;  // "" where the space has one scale, or none
  std::optional<InputSpec> input;
};

// The numbers that a network gives: one a class, or those it predicts.
int64_t OutputsOf(const InputSpec& input);

// Builds the supernet of a checked space at a scale: every candidate of every decision, with types
// and named weights. Shapes are inferred on the way; where they cannot meet, the place is reported.
// Nothing where there were errors. `scale` must exist (see FindScale).
std::optional<ir::Graph> LowerSpace(const Space& space, const LowerOptions& options,
                                    Diagnostics& diagnostics);

// The same for a scale that may not exist. Error: no such scale, or the rendered diagnostics.
absl::StatusOr<ir::Graph> LowerAt(const Space& space, const LowerOptions& options);

// Lowers a checked space at each of its scales and reports what is wrong; a mistake that shows at
// several scales is reported once.
void CheckEveryScale(const Space& space, Diagnostics& diagnostics);

}  // namespace nasc
