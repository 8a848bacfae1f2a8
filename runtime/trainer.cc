#include "runtime/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <map>
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

std::unique_ptr<WeightOptimizer> MakeOptimizer(const std::vector<at::Tensor>& weights,
                                               const Options& options) {
  const double momentum = options.Real("momentum");
  const double weight_decay = options.Real("weight_decay");
  if (options.Has("optimizer") && options.Text("optimizer") == "rmsprop") {
    return MakeRmsProp(weights,
                       {options.Real("decay"), options.Real("epsilon"), momentum, weight_decay});
  }
  return MakeSgd(weights, {momentum, weight_decay, options.Truth("nesterov")});
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

WeightTrainer::WeightTrainer(ParameterStore& store, const Options& sgd, uint64_t seed,
                             double epochs, const WeightRates& rates)
    : learning_rate_(sgd.Rate("learning_rate")),
      epochs_(epochs),
      clip_(sgd.Real("clip")),
      rng_(HashSeed(seed, "drop path")) {
  struct Weights {
    std::vector<std::string> names;
    std::vector<at::Tensor> tensors;
  };
  std::map<double, Weights> by_rate;
  for (const auto& [name, tensor] : store.tensors()) {
    if (!tensor.requires_grad()) continue;  // a buffer
    const double factor = rates.Of(name);
    if (factor == 0) continue;
    weights_.push_back(tensor);
    by_rate[factor].names.push_back(name);
    by_rate[factor].tensors.push_back(tensor);
  }
  for (auto& [factor, weights] : by_rate) {
    groups_.push_back(
        {factor, std::move(weights.names), MakeOptimizer(std::move(weights.tensors), sgd)});
  }
}

void WeightTrainer::Preview(double progress) {
  for (Group& group : groups_) group.optimizer->Preview(group.factor * Rate(progress));
}

absl::StatusOr<Score> WeightTrainer::Step(const Network& network, const Network::Logits& logits,
                                          const Batch& batch, double progress) {
  return CatchTorch("training", [&]() -> absl::StatusOr<Score> {
    ForwardMode mode;
    mode.training = true;
    mode.drop_path_progress = progress;
    mode.rng = &rng_;
    mode.soft_targets = batch.soft_targets.defined();
    for (Group& group : groups_) group.optimizer->ZeroGrad();
    const at::Tensor& targets = mode.soft_targets ? batch.soft_targets : batch.targets;
    const Network::Outcome outcome =
        network.Step(batch.inputs, targets, logits, mode, {/*weights=*/true});
    const Score score = Judge(outcome.loss, outcome.output.logits, batch.targets);
    if (!std::isfinite(score.loss)) return NotFinite();
    ClipGradients(weights_, clip_);
    for (Group& group : groups_) group.optimizer->Step(group.factor * Rate(progress));
    return score;
  });
}

NamedTensors WeightTrainer::Momenta() const {
  NamedTensors momenta;
  for (const Group& group : groups_) {
    const std::vector<at::Tensor>& tensors = group.optimizer->momenta();
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i].defined()) momenta[group.names[i]] = tensors[i];
    }
  }
  return momenta;
}

void WeightTrainer::SetMomenta(const NamedTensors& momenta) {
  for (Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      const auto it = momenta.find(group.names[i]);
      if (it != momenta.end()) group.optimizer->SetMomentum(i, it->second.clone());
    }
  }
}

NamedTensors WeightTrainer::Save() const {
  NamedTensors saved;
  for (size_t i = 0; i < groups_.size(); ++i) {
    AddPart(absl::StrCat("weights", i), groups_[i].optimizer->Save(), saved);
  }
  saved["rng"] = SaveRng(rng_);
  return saved;
}

absl::Status WeightTrainer::Restore(const NamedTensors& saved) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    const absl::Status status =
        groups_[i].optimizer->Restore(SavedPart(absl::StrCat("weights", i), saved));
    if (!status.ok()) return status;
  }
  return RestoreRng(saved, "rng", rng_);
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

}  // namespace nasc
