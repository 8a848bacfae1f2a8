#include "runtime/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/torch_status.h"

namespace nasc {

absl::Status NotFinite() {
  return absl::OutOfRangeError(
      "the loss is no longer a finite number: a lower learning_rate may help");
}

Batch NextBatch(Loader& loader, at::ScalarType dtype) {
  FloatBatch floats = loader.Next();
  const int64_t count = floats.count;
  Batch batch;
  batch.images =
      at::from_blob(floats.pixels.data(),
                    {count, floats.shape.height, floats.shape.width, floats.shape.channels},
                    at::kFloat)
          .to(dtype, /*non_blocking=*/false, /*copy=*/true)
          .permute({0, 3, 1, 2});
  batch.labels = at::from_blob(floats.labels.data(), {count}, at::kLong).clone();
  return batch;
}

double Accuracy(const at::Tensor& logits, const at::Tensor& labels) {
  return logits.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

WeightTrainer::WeightTrainer(ParameterStore& store, const Options& sgd, uint64_t seed)
    : weights_(store.Weights()),
      optimizer_(MakeSgd(weights_, {sgd.Real("momentum"), sgd.Real("weight_decay")})),
      learning_rate_(sgd.Rate("learning_rate")),
      clip_(sgd.Real("clip")),
      rng_(HashSeed(seed, "drop path")) {}

absl::StatusOr<Score> WeightTrainer::Step(const Network& network, const Network::Logits& logits,
                                          const Batch& batch, double progress) {
  return CatchTorch("training", [&]() -> absl::StatusOr<Score> {
    ForwardMode mode;
    mode.training = true;
    mode.drop_path_progress = progress;
    mode.rng = &rng_;
    optimizer_->ZeroGrad();
    const Network::Output output = network.Forward(batch.images, logits, mode);
    const at::Tensor loss = network.Loss(output, batch.labels);
    const Score score{loss.item<double>(), Accuracy(output.logits, batch.labels)};
    if (!std::isfinite(score.loss)) return NotFinite();
    loss.backward();
    ClipGradients(weights_, clip_);
    optimizer_->Step(learning_rate_.At(progress));
    return score;
  });
}

absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Task& task, Task::Part part, at::ScalarType dtype) {
  constexpr int kBatch = 250;
  absl::StatusOr<Loader> loader = task.Evaluation(part, kBatch);
  if (!loader.ok()) return loader.status();
  return CatchTorch("evaluating", [&]() -> absl::StatusOr<Score> {
    const at::NoGradGuard no_grad;
    Score total;
    int64_t images = 0;
    for (int64_t i = 0; i < loader->batches(); ++i) {
      const Batch batch = NextBatch(*loader, dtype);
      const Network::Output output = network.Forward(batch.images, logits, ForwardMode{});
      const int64_t count = batch.labels.size(0);
      total.loss += network.Loss({output.logits, {}}, batch.labels).item<double>() * count;
      total.accuracy += Accuracy(output.logits, batch.labels) * count;
      images += count;
    }
    total.loss /= images;
    total.accuracy /= images;
    if (!std::isfinite(total.loss)) return NotFinite();
    return total;
  });
}

absl::Status Train(const Network& network, ParameterStore& store, const Task& task,
                   const TrainSettings& settings, const StepCallback& after_step) {
  const auto batch = static_cast<int>(settings.sgd.Whole("batch"));
  absl::StatusOr<Loader> loader =
      task.Training(settings.part, batch, settings.cutout, HashSeed(settings.seed, "train"));
  if (!loader.ok()) return loader.status();
  WeightTrainer trainer(store, settings.sgd, settings.seed);
  for (int64_t step = 0; step < settings.steps; ++step) {
    const double progress = static_cast<double>(step) / static_cast<double>(settings.steps);
    const Batch next = NextBatch(*loader, store.dtype());
    absl::StatusOr<Score> score = trainer.Step(network, {}, next, progress);
    if (!score.ok()) return score.status();
    if (absl::Status status = after_step(step + 1, *score); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace nasc
