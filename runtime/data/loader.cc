#include "runtime/data/loader.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

// Far above what images need; an absurd option gets an error instead of gigabytes.
constexpr int kMaxSide = 1 << 14;
constexpr int kMaxPadding = 1 << 10;

absl::Status CheckRange(const char* what, int value, int low, int high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("loader: ", what, " must be from ", low, " to ", high, ", not ", value));
}

absl::Status CheckNormalization(const Normalization& normalization, int channels) {
  if (normalization.mean.empty() && normalization.stddev.empty()) return absl::OkStatus();
  const size_t expected = channels;
  if (normalization.mean.size() != expected || normalization.stddev.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        "loader: normalisation of ", normalization.mean.size(), " means and ",
        normalization.stddev.size(), " standard deviations for images of ", channels, " channels"));
  }
  for (int c = 0; c < channels; ++c) {
    const float mean = normalization.mean[c];
    const float stddev = normalization.stddev[c];
    if (!std::isfinite(mean) || !std::isfinite(stddev) || stddev <= 0) {
      return absl::InvalidArgumentError(absl::StrCat("loader: normalisation of channel ", c,
                                                     " by mean ", mean, " and standard deviation ",
                                                     stddev));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOrder(int64_t count, const std::vector<int64_t>& indices,
                        const LoaderOptions& options, absl::string_view what) {
  if (indices.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("loader: no ", what, " to go through"));
  }
  for (int64_t index : indices) {
    if (index < 0 || index >= count) {
      return absl::InvalidArgumentError(
          absl::StrCat("loader: index ", index, " in a set of ", count, " ", what));
    }
  }
  if (options.drop_last && static_cast<int64_t>(indices.size()) < options.batch_size) {
    return absl::InvalidArgumentError(absl::StrCat("loader: ", indices.size(), " ", what,
                                                   " make no full batch of ", options.batch_size,
                                                   ", and partial batches are dropped"));
  }
  return absl::OkStatus();
}

absl::Status CheckBatchSize(const LoaderOptions& options) {
  return CheckRange("batch_size", options.batch_size, 1, 1 << 20);
}

absl::Status CheckImages(const ImageSet& images, const std::vector<int64_t>& indices,
                         const LoaderOptions& options) {
  const ImageShape& shape = images.shape;
  for (absl::Status status : {
           CheckRange("channels", shape.channels, 1, kMaxSide),
           CheckRange("height", shape.height, 1, kMaxSide),
           CheckRange("width", shape.width, 1, kMaxSide),
           CheckBatchSize(options),
           CheckRange("pad", options.pad, 0, kMaxPadding),
           CheckRange("crop_padding", options.augmentation.crop_padding, 0, kMaxPadding),
           CheckRange("cutout", options.augmentation.cutout, 0, kMaxSide),
           CheckNormalization(options.normalization, shape.channels),
       }) {
    if (!status.ok()) return status;
  }
  if (static_cast<int64_t>(images.pixels.size()) != images.size() * shape.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("loader: ", images.pixels.size(), " bytes of pixels for ", images.size(),
                     " images of ", shape.channels, "x", shape.height, "x", shape.width));
  }
  return CheckOrder(images.size(), indices, options, "images");
}

absl::Status CheckRows(const RowSet& rows, const std::vector<int64_t>& indices,
                       const LoaderOptions& options) {
  if (absl::Status status = CheckBatchSize(options); !status.ok()) return status;
  const auto fits = [&](const auto& values, int64_t width) {
    return static_cast<int64_t>(values.size()) == rows.size() * width;
  };
  if (rows.features < 1 || !fits(rows.values, rows.features) || !fits(rows.targets, rows.outputs) ||
      !fits(rows.labels, rows.outputs > 0 ? 0 : 1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "loader: ", rows.values.size(), " values, ", rows.labels.size(), " labels and ",
        rows.targets.size(), " targets for ", rows.size(), " rows of ", rows.features, " features",
        rows.outputs > 0 ? absl::StrCat(" and ", rows.outputs, " targets") : ""));
  }
  return CheckOrder(rows.size(), indices, options, "rows");
}

}  // namespace

absl::StatusOr<Loader> Loader::Create(const ImageSet* images, std::vector<int64_t> indices,
                                      LoaderOptions options, uint64_t seed) {
  const absl::Status status = CheckImages(*images, indices, options);
  if (!status.ok()) return status;
  return Loader(images, std::move(indices), std::move(options), seed);
}

absl::StatusOr<Loader> Loader::Create(const RowSet* rows, std::vector<int64_t> indices,
                                      LoaderOptions options, uint64_t seed) {
  const absl::Status status = CheckRows(*rows, indices, options);
  if (!status.ok()) return status;
  return Loader(rows, std::move(indices), std::move(options), seed);
}

Loader::Loader(const RowSet* rows, std::vector<int64_t> indices, LoaderOptions options,
               uint64_t seed)
    : rows_(rows), indices_(std::move(indices)), options_(std::move(options)) {
  state_.seed = seed;
  Order();
}

Loader::Loader(const ImageSet* images, std::vector<int64_t> indices, LoaderOptions options,
               uint64_t seed)
    : images_(images), indices_(std::move(indices)), options_(std::move(options)) {
  const absl::Status status = CheckImages(*images_, indices_, options_);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::abort();
  }
  state_.seed = seed;
  const Normalization& normalization = options_.normalization;
  normalized_.resize(images_->shape.channels);
  for (size_t c = 0; c < normalized_.size(); ++c) {
    const float mean = normalization.mean.empty() ? 0.0f : normalization.mean[c];
    const float stddev = normalization.stddev.empty() ? 1.0f : normalization.stddev[c];
    for (int value = 0; value < 256; ++value) {
      normalized_[c][value] = (value / 255.0f - mean) / stddev;
    }
  }
  Order();
}

int64_t Loader::batches() const {
  const int64_t count = indices_.size();
  return (options_.drop_last ? count : count + options_.batch_size - 1) / options_.batch_size;
}

ImageShape Loader::shape() const {
  const ImageShape& shape = images_->shape;
  return {shape.channels, shape.height + 2 * options_.pad, shape.width + 2 * options_.pad};
}

FloatBatch Loader::Next() {
  FloatBatch batch;
  Next(&batch);
  return batch;
}

void Loader::Next(FloatBatch* batch) {
  if (state_.batch == batches()) StartEpoch();
  const int64_t begin = state_.batch * options_.batch_size;
  const int64_t end = std::min<int64_t>(begin + options_.batch_size, order_.size());
  batch->count = static_cast<int>(end - begin);
  if (rows_ != nullptr) {
    FillRows(begin, end, batch);
  } else {
    FillImages(begin, end, batch);
  }
  ++state_.batch;
}

void Loader::FillRows(int64_t begin, int64_t end, FloatBatch* batch) const {
  batch->features = rows_->features;
  batch->outputs = rows_->outputs;
  const auto gather = [&](const auto& from, int64_t width, auto& to) {
    to.clear();
    for (int64_t place = begin; place < end; ++place) {
      const auto row = from.begin() + order_[place] * width;
      to.insert(to.end(), row, row + width);
    }
  };
  gather(rows_->values, rows_->features, batch->pixels);
  gather(rows_->labels, rows_->outputs > 0 ? 0 : 1, batch->labels);
  gather(rows_->targets, rows_->outputs, batch->targets);
}

void Loader::FillImages(int64_t begin, int64_t end, FloatBatch* batch) const {
  batch->shape = shape();
  const int64_t size = batch->shape.size();
  batch->pixels.resize(batch->count * size);
  batch->labels.resize(batch->count);
  for (int64_t place = begin; place < end; ++place) {
    const int64_t index = order_[place];
    Fill(index, place, batch->pixels.data() + (place - begin) * size);
    batch->labels[place - begin] = images_->labels[index];
  }
}

void Loader::StartEpoch() {
  if (state_.batch == 0) return;
  ++state_.epoch;
  state_.batch = 0;
  Order();
}

LoaderState Loader::state() const { return state_; }

absl::Status Loader::set_state(const LoaderState& state) {
  if (state.epoch < 0 || state.batch < 0 || state.batch > batches()) {
    return absl::InvalidArgumentError(absl::StrCat("loader: cannot continue at batch ", state.batch,
                                                   " of epoch ", state.epoch, ": an epoch has ",
                                                   batches(), " batches"));
  }
  state_ = state;
  Order();
  return absl::OkStatus();
}

void Loader::Order() {
  order_ = indices_;
  if (options_.shuffle) Rng(HashSeed(state_.seed, "order"), state_.epoch).Shuffle(&order_);
}

void Loader::Fill(int64_t index, int64_t place, float* out) const {
  const ImageShape from = images_->shape;
  const ImageShape to = shape();
  const Augmentation& augmentation = options_.augmentation;
  Rng rng(HashSeed(state_.seed, "augment"), state_.epoch * order_.size() + place);

  // Output pixel (y, x) is pixel (y + shift_y, mirror(x) + shift_x) of the image as it was stored,
  // or black outside it.
  int shift_y = -options_.pad;
  int shift_x = -options_.pad;
  if (augmentation.crop_padding > 0) {
    const int padding = augmentation.crop_padding;
    shift_y += static_cast<int>(rng.Below(2 * padding + 1)) - padding;
    shift_x += static_cast<int>(rng.Below(2 * padding + 1)) - padding;
  }
  const bool mirror = augmentation.flip && rng.Below(2) == 1;

  const int64_t channel_step = options_.channels_last ? 1 : int64_t{to.height} * to.width;
  const int64_t column_step = options_.channels_last ? to.channels : 1;
  const int64_t row_step = column_step * to.width;
  const uint8_t* image = images_->pixels.data() + index * from.size();
  for (int c = 0; c < to.channels; ++c) {
    const std::array<float, 256>& normalized = normalized_[c];
    for (int y = 0; y < to.height; ++y) {
      float* row = out + c * channel_step + y * row_step;
      const int from_y = y + shift_y;
      const bool inside = from_y >= 0 && from_y < from.height;
      const uint8_t* from_row =
          inside ? image + (int64_t{c} * from.height + from_y) * from.width : nullptr;
      for (int x = 0; x < to.width; ++x) {
        const int from_x = (mirror ? to.width - 1 - x : x) + shift_x;
        const bool black = !inside || from_x < 0 || from_x >= from.width;
        row[x * column_step] = normalized[black ? 0 : from_row[from_x]];
      }
    }
  }

  if (augmentation.cutout > 0) {
    const int side = augmentation.cutout;
    const int top = static_cast<int>(rng.Below(to.height)) - side / 2;
    const int left = static_cast<int>(rng.Below(to.width)) - side / 2;
    for (int c = 0; c < to.channels; ++c) {
      for (int y = std::max(top, 0); y < std::min(top + side, to.height); ++y) {
        for (int x = std::max(left, 0); x < std::min(left + side, to.width); ++x) {
          out[c * channel_step + y * row_step + x * column_step] = 0.0f;
        }
      }
    }
  }
}

}  // namespace nasc
