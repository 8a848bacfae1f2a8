#include "runtime/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

// How good outputs are that were to be `targets`.
Score Judge(double loss, const at::Tensor& outputs, const at::Tensor& targets) {
  Score score;
  score.loss = loss;
  score.regression = targets.is_floating_point();
  score.quality = score.regression ? R2(outputs, targets) : Accuracy(outputs, targets);
  return score;
}

}  // namespace

absl::Status NotFinite() {
  return absl::OutOfRangeError(
      "the loss is no longer a finite number: a lower learning_rate may help");
}

double Accuracy(const at::Tensor& logits, const at::Tensor& labels) {
  return logits.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

double R2(const at::Tensor& told, const at::Tensor& targets) {
  const at::Tensor t = targets.to(at::kDouble);
  const at::Tensor errors = t.sub(told.to(at::kDouble)).square().sum(0);
  const at::Tensor spread = t.sub(t.mean(0)).square().sum(0);
  const at::Tensor differ = t.amax(0).gt(t.amin(0));
  return at::where(differ, errors.div(spread).neg().add(1), at::zeros_like(spread))
      .mean()
      .item<double>();
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
    const Network::Outcome outcome =
        network.Step(batch.inputs, batch.targets, logits, mode, {/*weights=*/true});
    const Score score = Judge(outcome.loss, outcome.output.logits, batch.targets);
    if (!std::isfinite(score.loss)) return NotFinite();
    ClipGradients(weights_, clip_);
    optimizer_->Step(learning_rate_.At(progress));
    return score;
  });
}

NamedTensors WeightTrainer::Save() const {
  NamedTensors saved;
  AddPart("sgd", optimizer_->Save(), saved);
  saved["rng"] = SaveRng(rng_);
  return saved;
}

absl::Status WeightTrainer::Restore(const NamedTensors& saved) {
  const absl::Status status = optimizer_->Restore(SavedPart("sgd", saved));
  return status.ok() ? RestoreRng(saved, "rng", rng_) : status;
}

absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Task& task, Task::Part part, at::ScalarType dtype,
                               const ForwardMode& mode) {
  constexpr int64_t kLargestBatch = 250;
  const int64_t size = task.size(part);
  const int64_t batches = std::max<int64_t>(1, (size + kLargestBatch - 1) / kLargestBatch);
  const int64_t batch_size = (size + batches - 1) / batches;
  absl::StatusOr<Loader> loader = task.Evaluation(part, static_cast<int>(batch_size));
  if (!loader.ok()) return loader.status();
  return CatchTorch("evaluating", [&]() -> absl::StatusOr<Score> {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> outputs;
    std::vector<at::Tensor> targets;
    for (int64_t i = 0; i < loader->batches(); ++i) {
      Batch batch = NextBatch(*loader, dtype);
      outputs.push_back(network.Forward(batch.inputs, logits, mode).logits);
      targets.push_back(std::move(batch.targets));
    }
    at::Tensor output = at::cat(outputs).to(at::kDouble);
    at::Tensor target = at::cat(targets);
    if (const std::vector<double>& units = task.target_deviations(); !units.empty()) {
      const at::Tensor scale = at::tensor(units, at::kDouble);
      output = output.mul(scale);
      target = target.to(at::kDouble).mul(scale);
    }
    const double loss = network.Loss({output, {}}, target).item<double>();
    const Score score = Judge(loss, output, target);
    if (!std::isfinite(score.loss)) return NotFinite();
    return score;
  });
}

absl::StatusOr<Score> Evaluate(const Network& network, const Network::Logits& logits,
                               const Batch& batch, const ForwardMode& mode) {
  return CatchTorch("evaluating", [&]() -> absl::StatusOr<Score> {
    const at::NoGradGuard no_grad;
    const at::Tensor output = network.Forward(batch.inputs, logits, mode).logits;
    const Score score =
        Judge(network.Loss({output, {}}, batch.targets).item<double>(), output, batch.targets);
    if (!std::isfinite(score.loss)) return NotFinite();
    return score;
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
