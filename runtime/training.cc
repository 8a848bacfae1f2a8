#include "runtime/training.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <tuple>
#include <utility>

#include "runtime/random/random.h"
#include "runtime/saved_loader.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

constexpr char kStore[] = "store";
constexpr char kTrainer[] = "trainer";
constexpr char kLoader[] = "loader";
constexpr char kAverage[] = "average";
constexpr char kBest[] = "best";
constexpr char kBestScore[] = "best_score";  // quality, loss
constexpr char kDone[] = "done";

NamedTensors CopyOf(const ParameterStore& store) {
  NamedTensors copy;
  for (const auto& [name, tensor] : store.tensors()) copy[name] = tensor.detach().clone();
  return copy;
}

absl::Status RestoreStore(const NamedTensors& saved, const ParameterStore& store) {
  for (const auto& [name, tensor] : store.tensors()) {
    const absl::Status status = RestoreTensor(saved, name, tensor);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// More is better of the first, less of the second.
bool IsBetter(const Score& a, const Score& b) {
  return std::make_tuple(a.quality, -a.loss) > std::make_tuple(b.quality, -b.loss);
}

}  // namespace

absl::StatusOr<Training> Training::Create(const Network& network, ParameterStore& store,
                                          const Task& task, const TrainSettings& settings) {
  if (settings.soft_targets.any() && task.input().outputs > 0) {
    return absl::InvalidArgumentError(
        "`label_smoothing` and `mixup` are for classes, and the data are a regression");
  }
  absl::StatusOr<Loader> loader =
      task.Training(settings.part, static_cast<int>(settings.sgd.Whole("batch")), settings.cutout,
                    HashSeed(settings.seed, "train"));
  if (!loader.ok()) return loader.status();
  return Training(network, store, task, settings, *std::move(loader));
}

Training::Training(const Network& network, ParameterStore& store, const Task& task,
                   const TrainSettings& settings, Loader loader)
    : network_(&network),
      store_(&store),
      task_(&task),
      settings_(settings),
      loader_(std::move(loader)),
      trainer_(store, settings.sgd, settings.seed,
               static_cast<double>(settings.steps) / static_cast<double>(loader_.batches()),
               settings.rates) {
  if (settings.average > 0) average_ = std::make_unique<WeightAverage>(store, settings.average);
}

bool Training::at_end_of_epoch() const {
  return ended() || loader_.state().batch == loader_.batches();
}

absl::StatusOr<Score> Training::Step() {
  return CatchTorch("training", [&]() -> absl::StatusOr<Score> {
    const double progress = static_cast<double>(done_) / static_cast<double>(settings_.steps);
    Batch batch = NextBatch(loader_, store_->dtype());
    if (settings_.soft_targets.any()) {
      SoftenTargets(settings_.soft_targets, task_->input().classes, settings_.seed, done_, batch);
    }
    absl::StatusOr<Score> score = trainer_.Step(*network_, {}, batch, progress);
    if (!score.ok()) return score;
    if (average_ != nullptr) average_->Update();
    ++done_;
    return score;
  });
}

absl::StatusOr<Score> Training::Validate(const Network& inference) {
  return CatchTorch("validating", [&]() -> absl::StatusOr<Score> {
    if (average_ != nullptr) average_->Exchange();
    absl::StatusOr<Score> score =
        Evaluate(inference, {}, *task_, Task::Part::kValidation, store_->dtype());
    if (score.ok() && (!best_.has_value() || IsBetter(*score, best_->score))) {
      best_ = Best{*score, CopyOf(*store_)};
    }
    if (average_ != nullptr) average_->Exchange();
    return score;
  });
}

absl::Status Training::Keep() {
  return CatchTorch("keeping weights", [&]() -> absl::Status {
    if (best_.has_value()) return RestoreStore(best_->tensors, *store_);
    if (average_ != nullptr) average_->Exchange();
    return absl::OkStatus();
  });
}

absl::StatusOr<NamedTensors> Training::Save() const {
  return CatchTorch("saving the training", [&]() -> absl::StatusOr<NamedTensors> {
    NamedTensors saved;
    AddPart(kStore, CopyOf(*store_), saved);
    AddPart(kTrainer, trainer_.Save(), saved);
    saved[kLoader] = SaveLoader(loader_);
    saved[kDone] = SaveNumbers({done_});
    if (average_ != nullptr) AddPart(kAverage, average_->Save(), saved);
    if (best_.has_value()) {
      AddPart(kBest, best_->tensors, saved);
      at::Tensor score = at::empty({2}, at::kDouble);
      score[0] = best_->score.quality;
      score[1] = best_->score.loss;
      saved[kBestScore] = score;
    }
    return saved;
  });
}

absl::Status Training::Restore(const NamedTensors& saved) {
  return CatchTorch("going on with the training", [&] { return RestoreParts(saved); });
}

absl::Status Training::RestoreParts(const NamedTensors& saved) {
  const auto done = RestoreNumbers(saved, kDone, 1);
  absl::Status status = done.status();
  if (status.ok()) status = RestoreStore(SavedPart(kStore, saved), *store_);
  if (status.ok()) status = trainer_.Restore(SavedPart(kTrainer, saved));
  if (status.ok()) status = RestoreLoader(saved, kLoader, loader_);
  if (status.ok() && average_ != nullptr) status = average_->Restore(SavedPart(kAverage, saved));
  if (!status.ok()) return status;
  done_ = done->front();
  best_.reset();
  if (saved.count(kBestScore) == 0) return absl::OkStatus();
  const at::Tensor score = at::empty({2}, at::kDouble);
  status = RestoreTensor(saved, kBestScore, score);
  if (!status.ok()) return status;
  best_ = Best{{}, {}};
  best_->score.quality = score[0].item<double>();
  best_->score.loss = score[1].item<double>();
  for (const auto& [name, tensor] : SavedPart(kBest, saved)) {
    best_->tensors[name] = tensor.clone();
  }
  return absl::OkStatus();
}

}  // namespace nasc
