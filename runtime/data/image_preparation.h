#pragma once

#include <cstdint>

#include "runtime/data/normalization.h"

namespace nasc {

// How images of bytes become the input of a network: black pixels on each side, then the
// normalisation.
struct ImagePreparation {
  int64_t padding = 0;
  Normalization normalization;
};

}  // namespace nasc
