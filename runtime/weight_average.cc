#include "runtime/weight_average.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace nasc {

WeightAverage::WeightAverage(const ParameterStore& store, double decay)
    : store_(store), decay_(decay) {
  for (const auto& [name, tensor] : store.tensors()) averages_[name] = tensor.detach().clone();
}

void WeightAverage::Update() {
  const at::NoGradGuard no_grad;
  const auto t = static_cast<double>(updates_++);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  for (const auto& [name, average] : averages_) {
    average.mul_(decay).add_(store_.tensors().at(name), 1 - decay);
  }
}

void WeightAverage::Exchange() {
  const at::NoGradGuard no_grad;
  for (const auto& [name, average] : averages_) {
    const at::Tensor& tensor = store_.tensors().at(name);
    const at::Tensor before = tensor.detach().clone();
    tensor.copy_(average);
    average.copy_(before);
  }
}

NamedTensors WeightAverage::Save() const {
  NamedTensors saved;
  AddPart("averages", averages_, saved);
  saved["updates"] = SaveNumbers({updates_});
  return saved;
}

absl::Status WeightAverage::Restore(const NamedTensors& saved) {
  const auto updates = RestoreNumbers(saved, "updates", 1);
  if (!updates.ok()) return updates.status();
  const NamedTensors averages = SavedPart("averages", saved);
  for (const auto& [name, average] : averages_) {
    const absl::Status status = RestoreTensor(averages, name, average);
    if (!status.ok()) return status;
  }
  updates_ = updates->front();
  return absl::OkStatus();
}

}  // namespace nasc
