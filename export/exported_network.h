#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/program/program.h"
#include "runtime/data/normalization.h"
#include "runtime/saved_state.h"

namespace nasc {

// How images of bytes become the input of a network: black pixels on each side, then the
// normalisation.
struct ImagePreparation {
  int64_t padding = 0;
  Normalization normalization;
};

// A trained network as the formats need it.
struct ExportedNetwork {
  Program program;                         // of an architecture, without what only training needs
  NamedTensors weights;                    // those of the program, by name
  std::optional<ImagePreparation> images;  // nothing where the input is rows of numbers
};

}  // namespace nasc
