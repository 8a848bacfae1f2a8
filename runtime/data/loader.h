// Turns labelled bytes into an endless, reproducible stream of normalised and augmented batches,
// and rows of numbers into one of batches as they are.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/data/image_set.h"
#include "runtime/data/normalization.h"
#include "runtime/data/row_set.h"

namespace nasc {

// Random changes of an image, drawn afresh each time it is used; the zeros turn each off. Applied
// in this order.
struct Augmentation {
  // The image is shifted by -n .. n pixels in each direction, uniformly (torchvision's RandomCrop
  // of the image's own size with this padding); what comes in from outside is black, a byte of 0
  // before normalisation.
  int crop_padding = 0;
  // Mirrored left to right with probability 1/2.
  bool flip = false;
  // The side of a square that is set to 0 after normalisation. Its centre is uniform over the
  // pixels, and it is clipped at the border (DeVries and Taylor, 2017).
  int cutout = 0;
};

struct LoaderOptions {
  int batch_size = 64;
  bool shuffle = false;    // A fresh random order each epoch, instead of the order of the indices.
  bool drop_last = false;  // Leave out the last batch of an epoch where it is not full.
  // What follows is of images.
  bool channels_last = false;  // Batches are [count][height][width][channels].
  int pad = 0;                 // Black pixels added on each side of an image, before anything else.
  Normalization normalization;
  Augmentation augmentation;
};

// Images or rows ready for a network.
struct FloatBatch {
  // [count][channels][height][width], or as LoaderOptions::channels_last says; of rows,
  // [count][features].
  std::vector<float> pixels;
  std::vector<int64_t> labels;  // [count]; empty for a regression.
  std::vector<float> targets;   // Of a regression, [count][outputs].
  int count = 0;
  ImageShape shape;      // Of one image, with its padding.
  int64_t features = 0;  // Of one row; 0 for images.
  int64_t outputs = 0;   // Of a regression.
};

// Where a Loader stands: all that it needs to continue, besides its images, indices and options.
struct LoaderState {
  uint64_t seed = 0;
  int64_t epoch = 0;  // From 0.
  int64_t batch = 0;  // How many batches of this epoch were taken.
};

// Every order and every augmentation is a function of (seed, epoch, place in the epoch), so that a
// stream can be continued anywhere and does not depend on the batch size beyond where it is cut.
class Loader {
 public:
  // `images` must outlive the loader. InvalidArgument: no indices, an index outside the images,
  // images that contradict their own shape, an option out of its range, a normalisation for another
  // number of channels, or no full batch to keep.
  static absl::StatusOr<Loader> Create(const ImageSet* images, std::vector<int64_t> indices,
                                       LoaderOptions options, uint64_t seed);

  // `rows` must outlive the loader. InvalidArgument: as above.
  static absl::StatusOr<Loader> Create(const RowSet* rows, std::vector<int64_t> indices,
                                       LoaderOptions options, uint64_t seed);

  // The first where the arguments are known to be good: ends the program with the message
  // otherwise.
  Loader(const ImageSet* images, std::vector<int64_t> indices, LoaderOptions options,
         uint64_t seed);

  // Batches in an epoch; at least 1.
  int64_t batches() const;

  // The shape of an image in a batch; not of rows.
  ImageShape shape() const;

  // The next batch; begins the next epoch by itself. The second form reuses the memory of `batch`.
  FloatBatch Next();
  void Next(FloatBatch* batch);

  // Leaves out what remains of the epoch, so that Next() gives the first batch of one; nothing if
  // it would anyway.
  void StartEpoch();

  LoaderState state() const;

  // Continues from `state`. InvalidArgument, and no change, where no epoch has such a batch.
  absl::Status set_state(const LoaderState& state);

 private:
  Loader(const RowSet* rows, std::vector<int64_t> indices, LoaderOptions options, uint64_t seed);

  // Puts the indices in the order of the epoch.
  void Order();

  void FillImages(int64_t begin, int64_t end, FloatBatch* batch) const;
  void FillRows(int64_t begin, int64_t end, FloatBatch* batch) const;

  // Writes image `index` of the set, with the random choices of the epoch's place `place`.
  void Fill(int64_t index, int64_t place, float* out) const;

  const ImageSet* images_ = nullptr;  // Of images and rows, one is there.
  const RowSet* rows_ = nullptr;
  std::vector<int64_t> indices_;  // As given.
  std::vector<int64_t> order_;    // As in this epoch.
  LoaderOptions options_;
  LoaderState state_;
  std::vector<std::array<float, 256>> normalized_;  // [channel][byte]
};

}  // namespace nasc
