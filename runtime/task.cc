#include "runtime/task.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "runtime/data/normalization.h"
#include "runtime/data/split.h"
#include "runtime/random/random.h"

namespace nasc {

const std::vector<OptionSpec>& DataOptionSpecs() {
  using Kind = OptionSpec::Kind;
  static const auto* const specs = new std::vector<OptionSpec>{
      {"path", Kind::kText, 0, 0, 0, "",
       "the folder of its files; by default where it is installed"},
      {"pad", Kind::kWhole, 0, 0, 1024, "", "black pixels added on each side of every image"},
      {"crop", Kind::kWhole, 4, 0, 1024, "", "training images are shifted at random by up to this"},
      {"flip", Kind::kTruth, 1, 0, 1, "", "training images are mirrored at random"},
      {"validation", Kind::kReal, 0.5, 0, 0.99, "", "the part of the training images that judges"},
      {"train", Kind::kWhole, 0, 0, 1e9, "", "use only the first so many training images; 0: all"},
      {"test", Kind::kWhole, 0, 0, 1e9, "", "use only the first so many test images; 0: all"},
  };
  return *specs;
}

absl::StatusOr<Task> Task::Load(const std::string& dataset, const Options& options, uint64_t seed) {
  absl::StatusOr<Dataset> loaded = LoadDataset(dataset, options.Text("path"));
  if (!loaded.ok()) return loaded.status();
  Task task;
  task.dataset_ = std::make_shared<const Dataset>(*std::move(loaded));
  const int64_t limit = options.Whole("train");
  const int64_t count = task.dataset_->train.size();
  task.train_ = FirstIndices(count, limit);
  task.test_ = FirstIndices(task.dataset_->test.size(), options.Whole("test"));
  Split split = SplitIndices(static_cast<int64_t>(task.train_.size()), options.Real("validation"),
                             HashSeed(seed, "validation"));
  task.search_ = std::move(split.first);
  task.validation_ = std::move(split.second);
  if (task.search_.empty() || task.test_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("data ", dataset, ": no images are left to train with or to test with"));
  }
  task.normalization_ = ComputeNormalization(task.dataset_->train, task.train_);
  task.pad_ = static_cast<int>(options.Whole("pad"));
  task.augmentation_.crop_padding = static_cast<int>(options.Whole("crop"));
  task.augmentation_.flip = options.Truth("flip");
  return task;
}

InputSpec Task::input() const {
  const ImageShape& shape = dataset_->train.shape;
  return {shape.channels, shape.height + 2 * pad_, shape.width + 2 * pad_, dataset_->train.classes};
}

const std::vector<int64_t>& Task::indices(Part part) const {
  switch (part) {
    case Part::kSearch:
      return search_;
    case Part::kValidation:
      return validation_;
    case Part::kTrain:
      return train_;
    case Part::kTest:
      break;
  }
  return test_;
}

const ImageSet& Task::images(Part part) const {
  return part == Part::kTest ? dataset_->test : dataset_->train;
}

absl::StatusOr<Loader> Task::Training(Part part, int batch, int cutout, uint64_t seed) const {
  if (size(part) < batch) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a batch of ", batch, " from a part of the data with only ", size(part), " images"));
  }
  LoaderOptions options;
  options.batch_size = batch;
  options.shuffle = true;
  options.drop_last = true;
  options.channels_last = true;
  options.pad = pad_;
  options.normalization = normalization_;
  options.augmentation = augmentation_;
  options.augmentation.cutout = cutout;
  return Loader::Create(&images(part), indices(part), std::move(options), seed);
}

absl::StatusOr<Loader> Task::Evaluation(Part part, int batch) const {
  if (indices(part).empty()) {
    return absl::InvalidArgumentError("no validation images: give data { validation = 50% }");
  }
  LoaderOptions options;
  options.batch_size = batch;
  options.channels_last = true;
  options.pad = pad_;
  options.normalization = normalization_;
  return Loader::Create(&images(part), indices(part), std::move(options), 0);
}

}  // namespace nasc
