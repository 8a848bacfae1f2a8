#include "runtime/task.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "runtime/data/normalization.h"
#include "runtime/data/resize.h"
#include "runtime/data/split.h"
#include "runtime/data/table.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

bool IsTable(const std::string& dataset) {
  const absl::StatusOr<DatasetInfo> info = FindDataset(dataset);
  return info.ok() && info->kind == DatasetInfo::Kind::kTable;
}

// The first `count` of the images with so many black pixels on each side, as squares.
ImageSet ResizedImages(const ImageSet& images, int64_t count, int pad, int side) {
  const ImageShape& shape = images.shape;
  ImageSet resized;
  resized.shape = {shape.channels, side, side};
  resized.classes = images.classes;
  resized.labels.assign(images.labels.begin(), images.labels.begin() + count);
  resized.pixels.reserve(count * resized.shape.size());
  Image padded;
  padded.shape = {shape.channels, shape.height + 2 * pad, shape.width + 2 * pad};
  padded.pixels.resize(padded.shape.size());
  const uint8_t* row = images.pixels.data();
  for (int64_t i = 0; i < count; ++i) {
    for (int channel = 0; channel < shape.channels; ++channel) {
      for (int y = 0; y < shape.height; ++y, row += shape.width) {
        const int64_t to = (int64_t{channel} * padded.shape.height + y + pad) * padded.shape.width;
        std::copy_n(row, shape.width, padded.pixels.begin() + to + pad);
      }
    }
    const Image image = FitSquare(padded, side);
    resized.pixels.insert(resized.pixels.end(), image.pixels.begin(), image.pixels.end());
  }
  return resized;
}

// What is so many pixels of an image of the data, in one that was resized; 0 stays 0.
int Zoomed(int pixels, double zoom) {
  return pixels == 0 ? 0 : std::max(1, static_cast<int>(std::lround(pixels * zoom)));
}

}  // namespace

absl::StatusOr<Task> Task::Load(const std::string& dataset, const Options& options, uint64_t seed) {
  return IsTable(dataset) ? LoadRows(options, seed) : LoadImages(dataset, options, seed);
}

absl::StatusOr<Task> Task::LoadImages(const std::string& dataset, const Options& options,
                                      uint64_t seed) {
  absl::StatusOr<Dataset> loaded = LoadDataset(dataset, options);
  if (!loaded.ok()) return loaded.status();
  Task task;
  task.name_ = dataset;
  task.examples_ = "images";
  task.images_ = std::make_shared<const Dataset>(*std::move(loaded));
  const Dataset& images = *task.images_;
  absl::Status status = task.Cut(images.train.size(), images.test.size(), options, seed);
  if (!status.ok()) return status;
  task.normalization_ = ComputeNormalization(images.train, task.train_);
  task.pad_ = static_cast<int>(options.Whole("pad"));
  task.augmentation_.crop_padding = static_cast<int>(options.Whole("crop"));
  task.augmentation_.flip = options.Truth("flip");
  return task;
}

absl::StatusOr<Task> Task::LoadRows(const Options& options, uint64_t seed) {
  TableSpec spec;
  spec.path = options.Text("path");
  spec.test_path = options.Text("test_path");
  spec.test_part = options.Real("test_part");
  spec.target = options.Text("target");
  spec.regression = options.Truth("regression");
  if (spec.path.empty() || spec.target.empty()) {
    return absl::InvalidArgumentError(
        "data table: it needs a file and a column of it: data table { path = \"file.csv\"  target "
        "= "
        "\"column\" }");
  }
  const absl::StatusOr<Table> table = ReadTable(spec);
  if (!table.ok()) return table.status();
  Task task;
  task.name_ = "table";
  task.examples_ = "rows";
  absl::Status status = task.Cut(table->train.count, table->test.count, options, seed);
  if (!status.ok()) return status;
  absl::StatusOr<RowData> rows = Standardize(*table, task.train_);
  if (!rows.ok()) return rows.status();
  task.rows_ = std::make_shared<const RowData>(*std::move(rows));
  return task;
}

absl::Status Task::Cut(int64_t train, int64_t test, const Options& options, uint64_t seed) {
  train_ = FirstIndices(train, options.Whole("train"));
  test_ = FirstIndices(test, options.Whole("test"));
  Split split = SplitIndices(static_cast<int64_t>(train_.size()), options.Real("validation"),
                             HashSeed(seed, "validation"));
  search_ = std::move(split.first);
  validation_ = std::move(split.second);
  if (!search_.empty() && !test_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("data ", name_, ": no ", examples_, " are left to train with or to test with"));
}

InputSpec Task::input() const {
  InputSpec input;
  if (rows_ != nullptr) {
    input.features = rows_->train.features;
    input.classes = rows_->train.classes;
    input.outputs = rows_->train.outputs;
    return input;
  }
  const ImageShape& shape = images_->train.shape;
  return {shape.channels, shape.height + 2 * pad_, shape.width + 2 * pad_, images_->train.classes};
}

std::optional<ImagePreparation> Task::preparation() const {
  if (rows_ != nullptr) return std::nullopt;
  return ImagePreparation{pad_, normalization_};
}

absl::StatusOr<Task> Task::Reduced(int64_t examples, int side) const {
  Task task = *this;
  if (examples > 0 && examples < size(Part::kSearch)) task.search_.resize(examples);
  if (side == 0) return task;
  if (rows_ != nullptr) {
    return absl::InvalidArgumentError("only images have a size; the data are rows of a table");
  }
  auto resized = std::make_shared<Dataset>();
  resized->name = images_->name;
  // Parts are of the first images of each.
  resized->train = ResizedImages(images_->train, static_cast<int64_t>(train_.size()), pad_, side);
  resized->test = ResizedImages(images_->test, static_cast<int64_t>(test_.size()), pad_, side);
  const ImageShape& shape = images_->train.shape;
  task.zoom_ = zoom_ * side / (std::min(shape.height, shape.width) + 2 * pad_);
  task.pad_ = 0;
  task.images_ = std::move(resized);
  task.normalization_ = ComputeNormalization(task.images_->train, task.train_);
  return task;
}

const std::vector<double>& Task::target_deviations() const {
  static const auto* const none = new std::vector<double>();
  return rows_ != nullptr ? rows_->target_deviations : *none;
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

absl::StatusOr<Loader> Task::MakeLoader(Part part, LoaderOptions options, uint64_t seed) const {
  const bool test = part == Part::kTest;
  if (rows_ != nullptr) {
    return Loader::Create(test ? &rows_->test : &rows_->train, indices(part), std::move(options),
                          seed);
  }
  options.channels_last = true;
  options.pad = pad_;
  options.normalization = normalization_;
  return Loader::Create(test ? &images_->test : &images_->train, indices(part), std::move(options),
                        seed);
}

absl::StatusOr<Loader> Task::Training(Part part, int batch, int cutout, uint64_t seed) const {
  if (size(part) < batch) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a batch of ", batch, " from a part of the data with only ", size(part), " ", examples_));
  }
  if (rows_ != nullptr && cutout > 0) {
    return absl::InvalidArgumentError("`cutout` is for images, and the data are rows of a table");
  }
  LoaderOptions options;
  options.batch_size = batch;
  options.shuffle = true;
  options.drop_last = true;
  options.augmentation = augmentation_;
  options.augmentation.crop_padding = Zoomed(augmentation_.crop_padding, zoom_);
  options.augmentation.cutout = Zoomed(cutout, zoom_);
  return MakeLoader(part, std::move(options), seed);
}

absl::StatusOr<Loader> Task::Evaluation(Part part, int batch) const {
  if (indices(part).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no validation ", examples_, ": give data { validation = 50% }"));
  }
  LoaderOptions options;
  options.batch_size = batch;
  return MakeLoader(part, std::move(options), 0);
}

}  // namespace nasc
