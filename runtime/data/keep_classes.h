#pragma once

#include <string>

#include "absl/status/status.h"
#include "runtime/data/image_set.h"

namespace nasc {

// Keeps the images of some classes, "3, 0, 7", which are then numbered from 0 in that order. Error:
// what is no list of classes of the data set, each once, or fewer than two.
absl::Status KeepClasses(const std::string& classes, Dataset& dataset);

}  // namespace nasc
