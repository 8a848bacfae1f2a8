#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/lower.h"
#include "dsl/options.h"
#include "runtime/data/dataset.h"
#include "runtime/data/loader.h"

namespace nasc {

// The settings that a `data` line takes.
const std::vector<OptionSpec>& DataOptionSpecs();

// The images of a search or a training, cut as its `data` line says.
class Task {
 public:
  // Errors: those of reading the data set; a split that leaves a part empty.
  static absl::StatusOr<Task> Load(const std::string& dataset, const Options& options,
                                   uint64_t seed);

  // What the network must take and give.
  InputSpec input() const;

  enum class Part {
    kSearch,      // the part of the training images that weights are searched with
    kValidation,  // the rest of them, which judges architectures
    kTrain,       // both: what a final network is trained with
    kTest,
  };
  int64_t size(Part part) const { return static_cast<int64_t>(indices(part).size()); }

  // Shuffled and augmented batches for training; partial batches are left out.
  absl::StatusOr<Loader> Training(Part part, int batch, int cutout, uint64_t seed) const;

  // Every image once, in order, as it is.
  absl::StatusOr<Loader> Evaluation(Part part, int batch) const;

 private:
  const std::vector<int64_t>& indices(Part part) const;
  const ImageSet& images(Part part) const;

  std::shared_ptr<const Dataset> dataset_;  // loaders point into it
  std::vector<int64_t> search_;
  std::vector<int64_t> validation_;
  std::vector<int64_t> train_;
  std::vector<int64_t> test_;
  Normalization normalization_;
  int pad_ = 0;
  Augmentation augmentation_;
};

}  // namespace nasc
