// Images to test with, where a data set comes without them.
#pragma once

#include "runtime/data/image_set.h"

namespace nasc {

// The part that is tested with where nothing says how much.
constexpr double kTestPart = 0.2;

// Moves the part `part` of the training images, rounded, to `test`; 0 stands for kTestPart. It is
// always the same images, in their order: a training with another seed never sees what this one is
// tested with.
void HoldOut(double part, Dataset& dataset);

}  // namespace nasc
