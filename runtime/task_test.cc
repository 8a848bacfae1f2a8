#include "runtime/task.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "runtime/test_task.h"

namespace nasc {
namespace {

using Part = Task::Part;

constexpr char kPlain[] = "crop = 0 flip = off ";

Task Load(int train, int test, const std::string& settings, uint64_t seed = 1) {
  absl::StatusOr<Task> task = SmallTask(train, test, kPlain + settings, seed);
  EXPECT_TRUE(task.ok()) << task.status();
  return *std::move(task);
}

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& message) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(status.message(), message);
}

// The first pixels of all images that a loader gives in an epoch, which tell them apart.
std::vector<float> FirstPixels(absl::StatusOr<Loader> loader) {
  EXPECT_TRUE(loader.ok()) << loader.status();
  std::vector<float> pixels;
  for (int64_t i = 0; i < loader->batches(); ++i) {
    const FloatBatch batch = loader->Next();
    for (int n = 0; n < batch.count; ++n) pixels.push_back(batch.pixels[n * batch.shape.size()]);
  }
  return pixels;
}

std::vector<float> Sorted(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return values;
}

// In the order of the data set, unless it was shuffled: first pixels grow.
bool IsInOrder(const std::vector<float>& pixels) {
  return std::is_sorted(pixels.begin(), pixels.end());
}

TEST(TaskTest, SearchAndValidationPartTheTrainingImages) {
  const Task task = Load(50, 7, "validation = 30%");
  EXPECT_EQ(task.size(Part::kSearch), 35);
  EXPECT_EQ(task.size(Part::kValidation), 15);
  EXPECT_EQ(task.size(Part::kTrain), 50);
  EXPECT_EQ(task.size(Part::kTest), 7);
  std::vector<float> both = FirstPixels(task.Evaluation(Part::kSearch, 10));
  const std::vector<float> validation = FirstPixels(task.Evaluation(Part::kValidation, 10));
  both.insert(both.end(), validation.begin(), validation.end());
  const std::vector<float> train = FirstPixels(task.Evaluation(Part::kTrain, 10));
  EXPECT_TRUE(IsInOrder(train));
  EXPECT_EQ(std::unique(both.begin(), both.end()), both.end());
  EXPECT_EQ(Sorted(both), train);
}

TEST(TaskTest, TheSeedDecidesTheSplit) {
  const auto validation = [](uint64_t seed) {
    return FirstPixels(Load(50, 7, "", seed).Evaluation(Part::kValidation, 10));
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(Sorted(validation(1)), Sorted(validation(2)));
}

TEST(TaskTest, LimitsKeepTheFirstImages) {
  const Task all = Load(50, 30, "");
  const Task some = Load(50, 30, "train = 20 test = 5 validation = 50%");
  EXPECT_EQ(some.size(Part::kSearch), 10);
  EXPECT_EQ(some.size(Part::kValidation), 10);
  EXPECT_EQ(some.size(Part::kTrain), 20);
  EXPECT_EQ(some.size(Part::kTest), 5);
  EXPECT_TRUE(IsInOrder(FirstPixels(some.Evaluation(Part::kTrain, 7))));
  EXPECT_EQ(Load(50, 30, "train = 60 test = 31").size(Part::kTest), all.size(Part::kTest));
}

TEST(TaskTest, NormalisesByTheTrainingImages) {
  const Task task = Load(40, 5, "");
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 40);
  ASSERT_TRUE(loader.ok()) << loader.status();
  const FloatBatch batch = loader->Next();
  double sum = 0;
  double squares = 0;
  for (const float pixel : batch.pixels) {
    sum += pixel;
    squares += double{pixel} * pixel;
  }
  const auto count = static_cast<double>(batch.pixels.size());
  EXPECT_NEAR(sum / count, 0, 1e-5);
  EXPECT_NEAR(squares / count, 1, 1e-5);
}

TEST(TaskTest, InputIsThePaddedImage) {
  const InputSpec input = Load(20, 5, "pad = 2").input();
  EXPECT_EQ(input.channels, 1);
  EXPECT_EQ(input.height, 32);
  EXPECT_EQ(input.width, 32);
  EXPECT_EQ(input.classes, 10);
}

TEST(TaskTest, TrainingShufflesAndLeavesPartialBatchesOut) {
  const Task task = Load(50, 5, "");
  const std::vector<float> pixels = FirstPixels(task.Training(Part::kTrain, 8, 0, 1));
  EXPECT_EQ(pixels.size(), 48u);
  EXPECT_FALSE(IsInOrder(pixels));
  EXPECT_EQ(pixels, FirstPixels(task.Training(Part::kTrain, 8, 0, 1)));
  EXPECT_NE(pixels, FirstPixels(task.Training(Part::kTrain, 8, 0, 2)));
  EXPECT_EQ(FirstPixels(task.Evaluation(Part::kTrain, 8)).size(), 50u);
}

TEST(TaskTest, OnlyTrainingChangesImages) {
  const auto pixels = [](absl::StatusOr<Loader> loader) {
    EXPECT_TRUE(loader.ok()) << loader.status();
    return loader->Next().pixels;
  };
  const absl::StatusOr<Task> changing = SmallTask(20, 5, "crop = 4 flip = on");
  ASSERT_TRUE(changing.ok()) << changing.status();
  const Task plain = Load(20, 5, "");
  EXPECT_EQ(pixels(changing->Evaluation(Part::kTest, 5)), pixels(plain.Evaluation(Part::kTest, 5)));
  EXPECT_NE(pixels(changing->Training(Part::kTrain, 20, 0, 1)),
            pixels(plain.Training(Part::kTrain, 20, 0, 1)));
  const std::vector<float> cut = pixels(plain.Training(Part::kTrain, 20, 16, 1));
  EXPECT_GE(std::count(cut.begin(), cut.end(), 0.0f), 20 * 8 * 8);  // a corner is cut at least
}

TEST(TaskTest, ReducedToTheFirstExamplesOfTheSearchPart) {
  const Task task = Load(50, 7, "validation = 40%");
  const absl::StatusOr<Task> reduced = task.Reduced(10, 0);
  ASSERT_TRUE(reduced.ok()) << reduced.status();
  EXPECT_EQ(reduced->size(Part::kSearch), 10);
  EXPECT_EQ(reduced->size(Part::kValidation), 20);
  std::vector<float> first = FirstPixels(task.Evaluation(Part::kSearch, 10));
  first.resize(10);
  EXPECT_EQ(FirstPixels(reduced->Evaluation(Part::kSearch, 10)), first);
  EXPECT_EQ(task.Reduced(0, 0)->size(Part::kSearch), 30);
}

TEST(TaskTest, ReducedImagesKeepTheirPaddingInProportion) {
  const Task task = Load(20, 5, "pad = 2");
  const absl::StatusOr<Task> reduced = task.Reduced(0, 16);  // half of 28 + 2 * 2
  ASSERT_TRUE(reduced.ok()) << reduced.status();
  EXPECT_EQ(reduced->input().height, 16);
  EXPECT_EQ(reduced->input().width, 16);
  for (const Part part : {Part::kSearch, Part::kValidation, Part::kTest}) {
    const FloatBatch batch = reduced->Evaluation(part, 1)->Next();
    ASSERT_EQ(batch.shape, (ImageShape{1, 16, 16}));
    EXPECT_LT(batch.pixels[0], batch.pixels[5 * 16 + 5]) << "a corner is black";
  }
  // A square of 16 is one of 8 there.
  const FloatBatch cut = reduced->Training(Part::kTrain, 20, 16, 1)->Next();
  const auto zeros = std::count(cut.pixels.begin(), cut.pixels.end(), 0.0f);
  EXPECT_GE(zeros, 20 * 4 * 4);
  EXPECT_LE(zeros, 20 * 8 * 8);
}

TEST(TaskTest, PreparationIsThatOfTheBatches) {
  const Task task = Load(20, 5, "pad = 1");
  const std::optional<ImagePreparation> preparation = task.preparation();
  ASSERT_TRUE(preparation.has_value());
  EXPECT_EQ(preparation->padding, 1);
  const float black = task.Evaluation(Part::kTest, 1)->Next().pixels[0];
  EXPECT_FLOAT_EQ(black,
                  -preparation->normalization.mean[0] / preparation->normalization.stddev[0]);
}

TEST(TaskTest, NothingLeftToTrainWith) {
  ExpectError(SmallTask(20, 5, "train = 1 validation = 99%").status(),
              absl::StatusCode::kInvalidArgument,
              "data fashion_mnist: no images are left to train with or to test with");
}

TEST(TaskTest, BatchLargerThanItsPart) {
  const Task task = Load(20, 5, "");
  ExpectError(task.Training(Part::kSearch, 11, 0, 1).status(), absl::StatusCode::kInvalidArgument,
              "a batch of 11 from a part of the data with only 10 images");
}

TEST(TaskTest, NoValidationImages) {
  const Task task = Load(20, 5, "validation = 0");
  EXPECT_EQ(task.size(Part::kSearch), 20);
  ExpectError(task.Evaluation(Part::kValidation, 10).status(), absl::StatusCode::kInvalidArgument,
              "no validation images: give data { validation = 50% }");
}

TEST(TaskTest, ErrorsOfTheDataSet) {
  const Options options =
      ReadSettings(FindDataset("fashion_mnist")->options, "path = \"/no such folder\"");
  EXPECT_EQ(Task::Load("fashion_mnist", options, 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Task::Load("no_such_set", options, 1).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace nasc
