// A small data set for tests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/options.h"
#include "runtime/data/dataset.h"
#include "runtime/data/test_files.h"
#include "runtime/data/test_settings.h"
#include "runtime/random/random.h"
#include "runtime/task.h"

namespace nasc {

// A task on `train` and `test` random images of Fashion-MNIST's shape, in the test's folder. Image
// i has the label i % 10 and the byte i % 255 + 1 in its first pixel.
inline absl::StatusOr<Task> SmallTask(int train, int test, const std::string& settings,
                                      uint64_t seed = 1) {
  const std::string folder = TestFolder();
  Rng rng(3);
  for (const auto& [part, count] : {std::make_pair("train", train), std::make_pair("t10k", test)}) {
    const auto size = static_cast<uint32_t>(count);
    std::string images = IdxHeader({size, 28, 28});
    std::string labels = IdxHeader({size});
    for (int i = 0; i < count; ++i) {
      images += static_cast<char>(i % 255 + 1);
      for (int pixel = 1; pixel < 28 * 28; ++pixel) images += static_cast<char>(rng.Below(256));
      labels += static_cast<char>(i % 10);
    }
    WriteGzip(absl::StrCat(folder, "/", part, "-images-idx3-ubyte.gz"), images);
    WriteGzip(absl::StrCat(folder, "/", part, "-labels-idx1-ubyte.gz"), labels);
  }
  const Options options = ReadSettings(FindDataset("fashion_mnist")->options,
                                       absl::StrCat("path = \"", folder, "\" ", settings));
  return Task::Load("fashion_mnist", options, seed);
}

}  // namespace nasc
