#include "runtime/batch.h"

#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <vector>

namespace nasc {

Batch NextBatch(Loader& loader, at::ScalarType dtype) {
  FloatBatch floats = loader.Next();
  const int64_t count = floats.count;
  const auto copy = [dtype](std::vector<float>& values, c10::IntArrayRef shape) {
    return at::from_blob(values.data(), shape, at::kFloat)
        .to(dtype, /*non_blocking=*/false, /*copy=*/true);
  };
  Batch batch;
  if (floats.features > 0) {
    batch.inputs = copy(floats.pixels, {count, floats.features});
  } else {
    const ImageShape& shape = floats.shape;
    batch.inputs = copy(floats.pixels, {count, shape.height, shape.width, shape.channels})
                       .permute({0, 3, 1, 2});
  }
  batch.targets = floats.outputs > 0
                      ? copy(floats.targets, {count, floats.outputs})
                      : at::from_blob(floats.labels.data(), {count}, at::kLong).clone();
  return batch;
}

}  // namespace nasc
