#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/lower.h"
#include "dsl/options.h"
#include "runtime/data/dataset.h"
#include "runtime/data/image_preparation.h"
#include "runtime/data/loader.h"
#include "runtime/data/row_set.h"

namespace nasc {

// The examples of a search or a training, images or rows of a table, cut as its `data` line says.
class Task {
 public:
  // `options` are those of its DatasetInfo. Errors: those of reading the data set; a split
  // that leaves a part empty; of a table, no path or no target, and a column that is constant.
  static absl::StatusOr<Task> Load(const std::string& dataset, const Options& options,
                                   uint64_t seed);

  // What the network must take and give.
  InputSpec input() const;

  // How its images become that input; nothing for rows, which are standardised by their table.
  std::optional<ImagePreparation> preparation() const;

  // The same task for evaluations that cost less: of the search part the first `examples`; images,
  // with their padding, resized to squares of `side` (see FitSquare), and what augmentation shifts
  // and cuts out with them. 0 leaves either as it is. InvalidArgument: a side for rows of a table.
  absl::StatusOr<Task> Reduced(int64_t examples, int side) const;

  // Of the targets of a regression, which are standardised: an error of 1 is this much in their
  // units. Empty for classes.
  const std::vector<double>& target_deviations() const;

  enum class Part {
    kSearch,      // the part of the training examples that weights are searched with
    kValidation,  // the rest of them, which judges architectures
    kTrain,       // both: what a final network is trained with
    kTest,
  };
  int64_t size(Part part) const { return static_cast<int64_t>(indices(part).size()); }

  // Shuffled batches for training, of images augmented; partial batches are left out. `cutout` is
  // for images.
  absl::StatusOr<Loader> Training(Part part, int batch, int cutout, uint64_t seed) const;

  // Every example once, in order, as it is.
  absl::StatusOr<Loader> Evaluation(Part part, int batch) const;

 private:
  static absl::StatusOr<Task> LoadImages(const std::string& dataset, const Options& options,
                                         uint64_t seed);
  static absl::StatusOr<Task> LoadRows(const Options& options, uint64_t seed);

  // Parts `train` and `test` examples.
  absl::Status Cut(int64_t train, int64_t test, const Options& options, uint64_t seed);
  const std::vector<int64_t>& indices(Part part) const;
  absl::StatusOr<Loader> MakeLoader(Part part, LoaderOptions options, uint64_t seed) const;

  std::string name_;
  std::string examples_;                   // "images", "rows"
  std::shared_ptr<const Dataset> images_;  // one of these, into which loaders point
  std::shared_ptr<const RowData> rows_;
  std::vector<int64_t> search_;
  std::vector<int64_t> validation_;
  std::vector<int64_t> train_;
  std::vector<int64_t> test_;
  Normalization normalization_;
  int pad_ = 0;
  Augmentation augmentation_;
  double zoom_ = 1;  // the side of an image over that which the data line gives
};

}  // namespace nasc
