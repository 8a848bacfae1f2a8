#include "strategies/one_shot/decision_logits.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/softmax.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "strategies/one_shot/derivation.h"

namespace nasc {
namespace {

constexpr double kInitialSpread = 1e-3;

}  // namespace

std::vector<OptionSpec> LogitOptionSpecs(const LogitDefaults& defaults) {
  using Kind = OptionSpec::Kind;
  return {
      {"learning_rate", Kind::kSchedule, defaults.learning_rate, 0, 1000, "",
       "of Adam on the logits"},
      {"weight_decay", Kind::kReal, defaults.weight_decay, 0, 1, "", "of the logits"},
      {"beta1", Kind::kReal, defaults.beta1, 0, 1, "", "Adam's decay of the mean"},
      {"beta2", Kind::kReal, defaults.beta2, 0, 1, "", "Adam's decay of the square"},
  };
}

DecisionLogits::DecisionLogits(const OneShotContext& context,
                               const std::vector<ProgramDecision>& decisions,
                               const Options& options)
    : decisions_(context.supernet.decisions),
      learning_rate_(options.Rate("learning_rate")),
      epochs_(context.epochs) {
  std::vector<at::Tensor> tensors;
  for (const ProgramDecision& decision : decisions) {
    Rng rng(HashSeed(context.seed, "logits." + decision.path));
    at::Tensor logits = at::empty({decision.options}, at::kDouble);
    for (int64_t i = 0; i < decision.options; ++i) {
      logits.data_ptr<double>()[i] = kInitialSpread * rng.Gaussian();
    }
    tensors.push_back(logits.to(context.store.dtype()));
    values_[decision.path] = tensors.back();
  }
  optimizer_ = MakeAdam(
      tensors, {options.Real("beta1"), options.Real("beta2"), options.Real("weight_decay")});
}

NamedTensors DecisionLogits::Save() const {
  NamedTensors saved;
  for (const auto& [path, logits] : values_) saved[path] = logits.clone();
  NamedTensors all;
  AddPart("logits", saved, all);
  AddPart("adam", optimizer_->Save(), all);
  return all;
}

absl::Status DecisionLogits::Restore(const NamedTensors& saved) {
  absl::Status status = optimizer_->Restore(SavedPart("adam", saved));
  const NamedTensors logits = SavedPart("logits", saved);
  for (const auto& [path, tensor] : values_) {
    if (status.ok()) status = RestoreTensor(logits, path, tensor);
  }
  return status;
}

Carried DecisionLogits::Adopt(const DecisionLogits& before, const SpaceMap& map) {
  Carried carried;
  for (size_t d = 0; d < before.decisions_.size(); ++d) {
    const ir::Decision& decision = before.decisions_[d];
    const auto old_logits = before.values_.find(decision.path);
    if (old_logits == before.values_.end()) continue;
    const int e = map.NewDecision(static_cast<int>(d));
    const auto logits = e == SpaceMap::kNone ? values_.end() : values_.find(decisions_[e].path);
    if (logits == values_.end()) {
      carried.push_back({"decision", decision.path, Fate::kLost, "the decision is gone"});
      continue;
    }
    const at::Tensor from = old_logits->second.detach().to(at::kDouble);
    at::Tensor to = at::full(logits->second.sizes(), from.mean().item<double>(), at::kDouble);
    bool same = decisions_[e].path == decision.path && to.numel() == from.numel();
    for (int64_t o = 0; o < from.numel(); ++o) {
      const int option = map.NewOption(static_cast<int>(d), static_cast<int>(o));
      same = same && option == o;
      if (option != SpaceMap::kNone) {
        to.data_ptr<double>()[option] = from.data_ptr<double>()[o];
      } else {
        carried.push_back({"option", absl::StrCat(decision.path, " ", decision.options[o]),
                           Fate::kLost, "the option is gone"});
      }
    }
    logits->second.detach().copy_(to);
    carried.push_back({"decision", decision.path, same ? Fate::kKept : Fate::kRemapped,
                       same ? "" : decisions_[e].path});
  }
  return carried;
}

Architecture DecisionLogits::Derive(const WeightsOf& weights_of) const {
  std::vector<std::vector<double>> weights(decisions_.size());
  for (size_t d = 0; d < decisions_.size(); ++d) {
    const auto it = values_.find(decisions_[d].path);
    if (it == values_.end()) continue;
    const at::Tensor of = weights_of(it->second.detach().to(at::kDouble));
    weights[d].assign(of.data_ptr<double>(), of.data_ptr<double>() + of.numel());
  }
  return DeriveStrongest(decisions_, weights);
}

at::Tensor DecisionLogits::SoftmaxOf(const at::Tensor& logits) { return at::softmax(logits, 0); }

std::vector<ProgramDecision> ChoicesOf(const std::vector<ir::Decision>& decisions) {
  std::vector<ProgramDecision> choices;
  for (const ir::Decision& decision : decisions) {
    if (decision.kind != ir::Decision::Kind::kOne) continue;
    choices.push_back({decision.path, static_cast<int64_t>(decision.options.size())});
  }
  return choices;
}

absl::StatusOr<double> GradientPass::Run(const Network& network, const Network::Logits& logits,
                                         const Batch& batch, double progress,
                                         const StepGoal& goal) {
  ForwardMode mode;
  mode.training = true;
  mode.drop_path_progress = progress;
  mode.rng = &rng_;
  const Network::Outcome outcome = network.Step(batch.inputs, batch.targets, logits, mode, goal);
  if (!std::isfinite(outcome.loss)) return NotFinite();
  return outcome.loss;
}

}  // namespace nasc
