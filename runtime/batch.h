#pragma once

#include <ATen/core/Tensor.h>

#include "runtime/data/loader.h"

namespace nasc {

// A batch as tensors: images [batch, channels, height, width] in channels-last order or rows
// [batch, features]; labels [batch], whole numbers, or the standardised targets of a regression
// [batch, outputs].
struct Batch {
  at::Tensor inputs;
  at::Tensor targets;
  // What a step learns in place of labels, where it is there: probabilities [batch, classes].
  at::Tensor soft_targets;
};
Batch NextBatch(Loader& loader, at::ScalarType dtype);

}  // namespace nasc
