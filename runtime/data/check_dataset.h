// Whether the images of a loader are what they say.
#pragma once

#include "absl/status/status.h"
#include "runtime/data/image_set.h"

namespace nasc {

// InvalidArgument where there are no images to train with, pixels or labels are not as many as
// images, a label is no class, or the two parts have other shapes or classes.
absl::Status CheckDataset(const Dataset& dataset);

}  // namespace nasc
