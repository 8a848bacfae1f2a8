#include "runtime/model.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "runtime/checkpoint.h"
#include "runtime/preparation_notes.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

// The mean of the image, twice it and three times it.
constexpr char kGraph[] = R"(supernet @mean version 1.0.0 scale small {
  weight @head.weight : f32[3,1] init fan_in 1
  weight @head.bias : f32[3] init fan_in 1
  %image = input { channels = 1, height = 4, width = 4 } : f32[N,1,4,4]
  %pool = global_avg_pool(%image) : f32[N,1,1,1]
  %head = linear(%pool, @head.weight, @head.bias) { features = 3, bias = 1 } : f32[N,3]
  return logits %head weight 1.0
}
)";

const ImagePreparation kPreparation = {1, {{0.25f}, {0.5f}}};

NamedTensors Weights() {
  return {{"head.weight", at::arange(1, 4, at::kFloat).reshape({3, 1})},
          {"head.bias", at::arange(0, 3, at::kFloat)}};
}

std::string FileOf(const NamedTensors& weights, const TensorNotes& notes) {
  const TestFolder folder;
  EXPECT_TRUE(SaveTensors(folder.File("w.safetensors"), weights, notes).ok());
  return *ReadFileToString(folder.File("w.safetensors"));
}

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& piece) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_NE(status.message().find(piece), std::string::npos) << status;
}

TEST(ModelTest, PreparesImagesAsTrainingDid) {
  const std::string file = FileOf(Weights(), PreparationNotes(kPreparation));
  const absl::StatusOr<Model> model = Model::Load(kGraph, file);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->image(), (ImageShape{1, 2, 2})) << "the padding is not part of it";
  EXPECT_EQ(model->classes(), 3);
  // Twelve black pixels around four: white in the first image.
  const absl::StatusOr<std::vector<float>> logits = model->Run({255, 255, 255, 255, 0, 0, 0, 0});
  ASSERT_TRUE(logits.ok()) << logits.status();
  ASSERT_EQ(logits->size(), 6);
  const float white = (4 * 1.0f / 16 - 0.25f) / 0.5f;
  const float black = -0.25f / 0.5f;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FLOAT_EQ((*logits)[i], white * (i + 1) + i);
    EXPECT_FLOAT_EQ((*logits)[3 + i], black * (i + 1) + i);
  }
}

TEST(ModelTest, SaysWhatDoesNotFit) {
  const TensorNotes notes = PreparationNotes(kPreparation);
  ExpectError(Model::Load("no graph", FileOf(Weights(), notes)).status(),
              absl::StatusCode::kInvalidArgument, "1:1");
  ExpectError(Model::Load(kGraph, "no weights").status(), absl::StatusCode::kDataLoss,
              "the weights");
  ExpectError(Model::Load(kGraph, FileOf(Weights(), {})).status(),
              absl::StatusCode::kFailedPrecondition, "how images are prepared");
  NamedTensors weights = Weights();
  weights.erase("head.bias");
  ExpectError(Model::Load(kGraph, FileOf(weights, notes)).status(),
              absl::StatusCode::kFailedPrecondition, "head.bias is missing");
  const std::string file = FileOf(Weights(), notes);
  const absl::StatusOr<Model> model = Model::Load(kGraph, file);
  ASSERT_TRUE(model.ok()) << model.status();
  ExpectError(model->Run({1, 2, 3}).status(), absl::StatusCode::kInvalidArgument,
              "3 bytes are no whole number of images of 1x2x2 bytes");
}

TEST(ModelTest, NotesGiveTheVeryNumbers) {
  const ImagePreparation odd = {3, {{0.1f, 1.0f / 3}, {0.7f, 1e-3f}}};
  const absl::StatusOr<ImagePreparation> read = PreparationIn(PreparationNotes(odd));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->padding, 3);
  EXPECT_EQ(read->normalization.mean, odd.normalization.mean);
  EXPECT_EQ(read->normalization.stddev, odd.normalization.stddev);
  TensorNotes damaged = PreparationNotes(odd);
  damaged["mean"] = "0.1 much";
  EXPECT_EQ(PreparationIn(damaged).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace nasc
