#pragma once

#include <optional>
#include <string>

#include "compiler/program/program.h"
#include "runtime/checkpoint.h"
#include "runtime/data/image_preparation.h"
#include "runtime/saved_state.h"

namespace nasc {

// A trained network as the formats need it.
struct ExportedNetwork {
  Program program;                         // of an architecture, without what only training needs
  NamedTensors weights;                    // those of the program, by name
  std::optional<ImagePreparation> images;  // nothing where the input is rows of numbers
  TensorNotes origin;                      // its space with its identity, its architecture
};

// Where it is from as a JSON object, which is a dictionary of Python too.
std::string OriginJson(const ExportedNetwork& network);

}  // namespace nasc
