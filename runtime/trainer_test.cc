#include "runtime/trainer.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cross_entropy_loss.h>

#include "gtest/gtest.h"
#include "runtime/test_network.h"

namespace nasc {
namespace {

using Part = Task::Part;

// The images are more than a batch, and the last batch is not full.
TEST(TrainerTest, EvaluatesEveryImageOnce) {
  const Task task = Images(260, "");
  ParameterStore store(at::kDouble, 1);
  const Network network = SmallNetwork(store);
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 260);
  ASSERT_TRUE(loader.ok()) << loader.status();
  const Batch all = NextBatch(*loader, at::kDouble);
  const at::Tensor logits = network.Forward(all.inputs, {}, ForwardMode{}).logits.detach();
  const absl::StatusOr<Score> score = Evaluate(network, {}, task, Part::kTrain, at::kDouble);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(score->loss, at::cross_entropy_loss(logits, all.targets).item<double>(), 1e-12);
  EXPECT_NEAR(score->quality, Accuracy(logits, all.targets), 1e-12);
}

TEST(TrainerTest, BatchesAreTensorsOfTheirOwn) {
  const Task task = Images(20, "");
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 12);
  absl::StatusOr<Loader> twin = task.Evaluation(Part::kTrain, 12);
  ASSERT_TRUE(loader.ok() && twin.ok());
  const Batch batch = NextBatch(*loader, at::kDouble);
  const FloatBatch floats = twin->Next();
  EXPECT_EQ(NextBatch(*loader, at::kFloat).targets.size(0), 8);
  ASSERT_EQ(batch.inputs.sizes(), c10::IntArrayRef({12, 1, 28, 28}));
  EXPECT_TRUE(batch.inputs.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(batch.inputs.scalar_type(), at::kDouble);
  for (int64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(batch.targets[i].item<int64_t>(), i % 10);
    EXPECT_EQ(batch.inputs[i][0][3][5].item<float>(), floats.pixels[i * 784 + 3 * 28 + 5]);
  }
}

}  // namespace
}  // namespace nasc
