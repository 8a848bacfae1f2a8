#include "runtime/data/loader.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

// `count` random images without black; image i has the label i.
ImageSet RandomSet(int64_t count, ImageShape shape) {
  ImageSet set;
  set.shape = shape;
  set.classes = static_cast<int>(count);
  Rng rng(1);
  set.pixels.resize(count * shape.size());
  for (uint8_t& pixel : set.pixels) pixel = static_cast<uint8_t>(1 + rng.Below(255));
  set.labels.resize(count);
  std::iota(set.labels.begin(), set.labels.end(), 0);
  return set;
}

std::vector<int64_t> All(const ImageSet& set) { return {set.labels.begin(), set.labels.end()}; }

// The labels of the next `count` batches, a vector each.
std::vector<std::vector<int64_t>> Labels(Loader* loader, int64_t count) {
  std::vector<std::vector<int64_t>> labels;
  for (int64_t i = 0; i < count; ++i) labels.push_back(loader->Next().labels);
  return labels;
}

// The byte of image n, or 0 outside it.
int Byte(const ImageSet& set, int64_t n, int c, int y, int x) {
  const ImageShape& shape = set.shape;
  if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) return 0;
  return set.pixels[((n * shape.channels + c) * shape.height + y) * shape.width + x];
}

// One image of a batch, with its layout.
struct View {
  const FloatBatch* batch;
  int64_t n;
  bool channels_last;

  float operator()(int c, int y, int x) const {
    const ImageShape& s = batch->shape;
    return batch->pixels[channels_last ? ((n * s.height + y) * s.width + x) * s.channels + c
                                       : ((n * s.channels + c) * s.height + y) * s.width + x];
  }
};

// Whether the image is image `index` of the set, padded, then cropped at (dy, dx), then mirrored if
// `mirror`: by the formula, with no normalisation.
bool IsMoved(const ImageSet& set, int64_t index, const View& view, int pad, int dy, int dx,
             bool mirror) {
  const ImageShape& shape = view.batch->shape;
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        const int column = mirror ? shape.width - 1 - x : x;
        const int byte = Byte(set, index, c, y + dy - pad, column + dx - pad);
        if (view(c, y, x) != byte / 255.0f) return false;
      }
    }
  }
  return true;
}

TEST(LoaderTest, PlainBatchesInOrder) {
  const ImageSet set = RandomSet(10, {3, 4, 5});
  LoaderOptions options;
  options.batch_size = 4;
  Loader loader(&set, {7, 3, 5, 1, 9, 0}, options, 1);
  EXPECT_EQ(loader.batches(), 2);
  EXPECT_EQ(loader.shape(), set.shape);
  for (int epoch = 0; epoch < 2; ++epoch) {
    FloatBatch batch = loader.Next();
    EXPECT_EQ(batch.count, 4);
    EXPECT_EQ(batch.labels, (std::vector<int64_t>{7, 3, 5, 1}));
    EXPECT_EQ(batch.shape, set.shape);
    ASSERT_EQ(batch.pixels.size(), 4u * 60);
    for (int64_t n = 0; n < 4; ++n) {
      EXPECT_TRUE(IsMoved(set, batch.labels[n], {&batch, n, false}, 0, 0, 0, false));
    }
    batch = loader.Next();
    EXPECT_EQ(batch.count, 2);
    EXPECT_EQ(batch.labels, (std::vector<int64_t>{9, 0}));
    ASSERT_EQ(batch.pixels.size(), 2u * 60);
  }
}

TEST(LoaderTest, DropsThePartialBatch) {
  const ImageSet set = RandomSet(10, {1, 2, 2});
  LoaderOptions options;
  options.batch_size = 4;
  options.drop_last = true;
  Loader loader(&set, All(set), options, 1);
  EXPECT_EQ(loader.batches(), 2);
  EXPECT_EQ(Labels(&loader, 3),
            (std::vector<std::vector<int64_t>>{{0, 1, 2, 3}, {4, 5, 6, 7}, {0, 1, 2, 3}}));
  options.batch_size = 5;
  EXPECT_EQ(Loader(&set, All(set), options, 1).batches(), 2);
}

TEST(LoaderTest, ReusesABatch) {
  const ImageSet set = RandomSet(10, {1, 2, 2});
  LoaderOptions options;
  options.batch_size = 8;
  Loader loader(&set, All(set), options, 1);
  Loader other = loader;
  FloatBatch batch;
  for (int i = 0; i < 5; ++i) {
    loader.Next(&batch);
    const FloatBatch fresh = other.Next();
    EXPECT_EQ(batch.pixels, fresh.pixels);
    EXPECT_EQ(batch.labels, fresh.labels);
    EXPECT_EQ(batch.count, fresh.count);
  }
}

TEST(LoaderTest, ShufflesAfreshEachEpoch) {
  const ImageSet set = RandomSet(50, {1, 2, 2});
  LoaderOptions options;
  options.batch_size = 50;
  options.shuffle = true;
  Loader loader(&set, All(set), options, 1);
  std::set<std::vector<int64_t>> orders = {All(set)};
  for (int epoch = 0; epoch < 20; ++epoch) {
    std::vector<int64_t> order = loader.Next().labels;
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, All(set));
  }
  EXPECT_EQ(orders.size(), 21u);
  EXPECT_NE(Loader(&set, All(set), options, 1).Next().labels,
            Loader(&set, All(set), options, 2).Next().labels);
}

// A change here changes every seeded training run.
TEST(LoaderTest, GoldenOrder) {
  const ImageSet set = RandomSet(8, {1, 2, 2});
  LoaderOptions options;
  options.batch_size = 8;
  options.shuffle = true;
  Loader loader(&set, All(set), options, 42);
  EXPECT_EQ(loader.Next().labels, (std::vector<int64_t>{5, 3, 6, 4, 2, 1, 0, 7}));
  EXPECT_EQ(loader.Next().labels, (std::vector<int64_t>{7, 0, 4, 1, 5, 6, 2, 3}));
}

TEST(LoaderTest, Normalises) {
  ImageSet set = RandomSet(3, {2, 4, 4});
  LoaderOptions options;
  options.normalization = {{0.25f, 0.5f}, {0.5f, 2.0f}};
  options.pad = 1;
  Loader loader(&set, All(set), options, 1);
  const FloatBatch batch = loader.Next();
  for (int64_t n = 0; n < 3; ++n) {
    const View view{&batch, n, false};
    for (int y = 0; y < 6; ++y) {
      for (int x = 0; x < 6; ++x) {
        // Padding is black before normalisation.
        EXPECT_FLOAT_EQ(view(0, y, x), (Byte(set, n, 0, y - 1, x - 1) / 255.0f - 0.25f) / 0.5f);
        EXPECT_FLOAT_EQ(view(1, y, x), (Byte(set, n, 1, y - 1, x - 1) / 255.0f - 0.5f) / 2.0f);
      }
    }
  }
}

TEST(LoaderTest, NormalisedImagesHaveMeanZeroAndVarianceOne) {
  const ImageSet set = RandomSet(20, {3, 8, 8});
  LoaderOptions options;
  options.normalization = ComputeNormalization(set);
  const FloatBatch batch = Loader(&set, All(set), options, 1).Next();
  double sum = 0, squares = 0;
  for (float pixel : batch.pixels) {
    sum += pixel;
    squares += pixel * pixel;
  }
  EXPECT_NEAR(sum / batch.pixels.size(), 0, 1e-5);
  EXPECT_NEAR(squares / batch.pixels.size(), 1, 1e-5);
}

// Padding, crop and flip together give an image that the formula gives for exactly one choice;
// every choice occurs about equally often.
TEST(LoaderTest, CropsAndFlips) {
  const ImageSet set = RandomSet(40, {2, 5, 6});
  for (bool channels_last : {false, true}) {
    LoaderOptions options;
    options.batch_size = 40;
    options.pad = 1;
    options.channels_last = channels_last;
    options.augmentation.crop_padding = 2;
    options.augmentation.flip = true;
    Loader loader(&set, All(set), options, 3);
    EXPECT_EQ(loader.shape(), (ImageShape{2, 7, 8}));
    std::map<std::vector<int>, int> choices;
    const int epochs = 50;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      const FloatBatch batch = loader.Next();
      ASSERT_EQ(batch.shape, (ImageShape{2, 7, 8}));
      for (int64_t n = 0; n < 40; ++n) {
        int found = 0;
        for (int dy = -2; dy <= 2; ++dy) {
          for (int dx = -2; dx <= 2; ++dx) {
            for (int mirror = 0; mirror < 2; ++mirror) {
              if (IsMoved(set, n, {&batch, n, channels_last}, 1, dy, dx, mirror)) {
                ++choices[{dy, dx, mirror}];
                ++found;
              }
            }
          }
        }
        ASSERT_EQ(found, 1) << "epoch " << epoch << " image " << n;
      }
    }
    EXPECT_EQ(choices.size(), 50u);
    double chi_squared = 0;
    const double expected = epochs * 40 / 50.0;
    for (const auto& choice : choices) {
      chi_squared += (choice.second - expected) * (choice.second - expected) / expected;
    }
    EXPECT_LT(chi_squared, 85.4);  // 49 degrees of freedom, p = 0.001.
  }
}

TEST(LoaderTest, FlipAloneMirrors) {
  const ImageSet set = RandomSet(64, {1, 3, 4});
  LoaderOptions options;
  options.augmentation.flip = true;
  const FloatBatch batch = Loader(&set, All(set), options, 3).Next();
  int mirrored = 0;
  for (int64_t n = 0; n < 64; ++n) {
    const bool mirror = IsMoved(set, n, {&batch, n, false}, 0, 0, 0, true);
    EXPECT_TRUE(mirror || IsMoved(set, n, {&batch, n, false}, 0, 0, 0, false));
    mirrored += mirror;
  }
  EXPECT_NEAR(mirrored, 32, 16);
}

// The zeros are the square around exactly one centre, clipped; every centre occurs.
TEST(LoaderTest, CutsOut) {
  ImageSet set = RandomSet(40, {2, 5, 6});
  for (int side : {1, 2, 3, 4}) {
    for (bool channels_last : {false, true}) {
      LoaderOptions options;
      options.batch_size = 40;
      options.channels_last = channels_last;
      options.normalization = {{2.0f, 2.0f}, {1.0f, 1.0f}};  // Every other pixel is negative.
      options.augmentation.cutout = side;
      Loader loader(&set, All(set), options, 4);
      std::set<std::pair<int, int>> centres;
      for (int epoch = 0; epoch < 20; ++epoch) {
        const FloatBatch batch = loader.Next();
        for (int64_t n = 0; n < 40; ++n) {
          const View view{&batch, n, channels_last};
          int found = 0;
          for (int cy = 0; cy < 5; ++cy) {
            for (int cx = 0; cx < 6; ++cx) {
              bool same = true;
              for (int c = 0; c < 2; ++c) {
                for (int y = 0; y < 5; ++y) {
                  for (int x = 0; x < 6; ++x) {
                    const int top = cy - side / 2, left = cx - side / 2;
                    const bool cut = y >= top && y < top + side && x >= left && x < left + side;
                    const float kept = Byte(set, n, c, y, x) / 255.0f - 2.0f;
                    same = same && view(c, y, x) == (cut ? 0.0f : kept);
                  }
                }
              }
              if (!same) continue;
              ++found;
              centres.insert({cy, cx});
            }
          }
          ASSERT_EQ(found, 1);
        }
      }
      EXPECT_EQ(centres.size(), 30u) << side;
    }
  }
}

TEST(LoaderTest, CutoutMayCoverEverything) {
  const ImageSet set = RandomSet(4, {1, 3, 3});
  LoaderOptions options;
  options.augmentation.cutout = 7;
  const FloatBatch batch = Loader(&set, All(set), options, 1).Next();
  EXPECT_EQ(batch.pixels, std::vector<float>(4 * 9, 0.0f));
}

LoaderOptions EverythingOn() {
  LoaderOptions options;
  options.batch_size = 7;
  options.shuffle = true;
  options.pad = 1;
  options.augmentation = {2, true, 3};
  return options;
}

TEST(LoaderTest, IsDecidedByTheSeed) {
  const ImageSet set = RandomSet(30, {3, 6, 6});
  Loader a(&set, All(set), EverythingOn(), 5);
  Loader b(&set, All(set), EverythingOn(), 5);
  Loader c(&set, All(set), EverythingOn(), 6);
  for (int i = 0; i < 12; ++i) {
    const FloatBatch batch = a.Next();
    EXPECT_EQ(batch.pixels, b.Next().pixels);
    EXPECT_NE(batch.pixels, c.Next().pixels);
  }
}

TEST(LoaderTest, LayoutsAndBatchSizesGiveTheSameImages) {
  const ImageSet set = RandomSet(30, {3, 6, 6});
  LoaderOptions options = EverythingOn();
  Loader small(&set, All(set), options, 5);
  options.batch_size = 30;
  options.channels_last = true;
  Loader large(&set, All(set), options, 5);
  for (int epoch = 0; epoch < 2; ++epoch) {
    const FloatBatch all = large.Next();
    int64_t place = 0;
    for (int i = 0; i < small.batches(); ++i) {
      const FloatBatch batch = small.Next();
      for (int64_t n = 0; n < batch.count; ++n, ++place) {
        ASSERT_EQ(batch.labels[n], all.labels[place]);
        const View a{&batch, n, false}, b{&all, place, true};
        for (int c = 0; c < 3; ++c) {
          for (int y = 0; y < 8; ++y) {
            for (int x = 0; x < 8; ++x) ASSERT_EQ(a(c, y, x), b(c, y, x));
          }
        }
      }
    }
    EXPECT_EQ(place, 30);
  }
}

TEST(LoaderTest, ContinuesFromItsState) {
  const ImageSet set = RandomSet(30, {3, 6, 6});
  for (int stop = 0; stop < 12; ++stop) {
    Loader loader(&set, All(set), EverythingOn(), 5);
    for (int i = 0; i < stop; ++i) loader.Next();
    Loader resumed(&set, All(set), EverythingOn(), 99);
    const absl::Status status = resumed.set_state(loader.state());
    ASSERT_TRUE(status.ok()) << status;
    for (int i = 0; i < 12; ++i) {
      const FloatBatch a = loader.Next(), b = resumed.Next();
      ASSERT_EQ(a.labels, b.labels);
      ASSERT_EQ(a.pixels, b.pixels);
    }
  }
}

TEST(LoaderTest, RefusesAStateItCannotHave) {
  const ImageSet set = RandomSet(30, {3, 6, 6});
  Loader loader(&set, All(set), EverythingOn(), 5);
  const std::vector<LoaderState> wrong = {{5, 0, 6}, {5, 0, -1}, {5, -1, 0}};
  for (const LoaderState& state : wrong) {
    EXPECT_TRUE(absl::IsInvalidArgument(loader.set_state(state)));
  }
  EXPECT_TRUE(loader.set_state({5, 0, 5}).ok());
}

TEST(LoaderTest, StartEpochSkipsTheRest) {
  const ImageSet set = RandomSet(30, {1, 2, 2});
  LoaderOptions options;
  options.batch_size = 10;
  options.shuffle = true;
  Loader loader(&set, All(set), options, 5);
  Loader other = loader;
  const auto first = Labels(&loader, 3), second = Labels(&loader, 3);

  other.StartEpoch();  // Nothing to skip.
  EXPECT_EQ(other.Next().labels, first[0]);
  EXPECT_EQ(other.state().batch, 1);
  other.StartEpoch();
  other.StartEpoch();
  EXPECT_EQ(other.state().epoch, 1);
  EXPECT_EQ(Labels(&other, 3), second);
  other.StartEpoch();  // After a whole epoch: as without it.
  EXPECT_EQ(other.Next().labels, loader.Next().labels);
  EXPECT_EQ(other.state().epoch, 2);
}

TEST(LoaderTest, RefusesWrongArguments) {
  const ImageSet good = RandomSet(10, {3, 4, 4});
  const float infinity = std::numeric_limits<float>::infinity();
  const auto expect = [](const ImageSet& set, std::vector<int64_t> indices,
                         const LoaderOptions& options, absl::string_view what) {
    const absl::Status status = Loader::Create(&set, std::move(indices), options, 1).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), what)) << status;
  };
  LoaderOptions options;
  EXPECT_TRUE(Loader::Create(&good, All(good), options, 1).ok());
  expect(good, {}, options, "no images");
  expect(good, {0, 10}, options, "index 10 in a set of 10 images");
  expect(good, {-1}, options, "index -1");
  ImageSet bad = good;
  bad.pixels.pop_back();
  expect(bad, {0}, options, "479 bytes of pixels for 10 images of 3x4x4");
  expect(ImageSet(), {0}, options, "channels");

  options.batch_size = 0;
  expect(good, {0}, options, "batch_size must be from 1 to 1048576, not 0");
  options = {};
  options.pad = -1;
  expect(good, {0}, options, "pad must be");
  options = {};
  options.augmentation.crop_padding = 1 << 30;
  expect(good, {0}, options, "crop_padding must be");
  options = {};
  options.augmentation.cutout = -4;
  expect(good, {0}, options, "cutout must be");
  options = {};
  options.drop_last = true;
  expect(good, All(good), options, "10 images make no full batch of 64");
  options = {};
  options.normalization = {{0, 0}, {1, 1, 1}};
  expect(good, {0}, options, "2 means and 3 standard deviations for images of 3 channels");
  options.normalization = {{0, 0, 0}, {1, 0, 1}};
  expect(good, {0}, options, "channel 1");
  options.normalization = {{0, 0, infinity}, {1, 1, 1}};
  expect(good, {0}, options, "channel 2");
}

TEST(LoaderDeathTest, ConstructorEndsTheProgramOnWrongArguments) {
  const ImageSet set = RandomSet(10, {3, 4, 4});
  EXPECT_DEATH(Loader(&set, {}, LoaderOptions(), 1), "no images to go through");
}

}  // namespace
}  // namespace nasc
