#include "runtime/saved_state.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

absl::StatusOr<at::Tensor> Find(const NamedTensors& saved, const std::string& name,
                                c10::IntArrayRef shape) {
  const auto it = saved.find(name);
  if (it == saved.end()) return absl::DataLossError(absl::StrCat("nothing was saved of ", name));
  if (it->second.sizes() == shape) return it->second;
  return absl::DataLossError(absl::StrCat(name, " was saved with shape [",
                                          absl::StrJoin(it->second.sizes(), ", "), "], not [",
                                          absl::StrJoin(shape, ", "), "]"));
}

}  // namespace

void AddPart(absl::string_view part, const NamedTensors& tensors, NamedTensors& all) {
  for (const auto& [name, tensor] : tensors) all[absl::StrCat(part, "/", name)] = tensor;
}

NamedTensors SavedPart(absl::string_view part, const NamedTensors& all) {
  const std::string prefix = absl::StrCat(part, "/");
  NamedTensors tensors;
  for (const auto& [name, tensor] : all) {
    absl::string_view own = name;
    if (absl::ConsumePrefix(&own, prefix)) tensors[std::string(own)] = tensor;
  }
  return tensors;
}

at::Tensor SaveNumbers(const std::vector<int64_t>& numbers) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(numbers.size())}, at::kLong);
  std::copy(numbers.begin(), numbers.end(), tensor.data_ptr<int64_t>());
  return tensor;
}

at::Tensor SaveRng(const Rng& rng) {
  return SaveNumbers(std::vector<int64_t>(rng.state().begin(), rng.state().end()));
}

absl::Status RestoreTensor(const NamedTensors& saved, const std::string& name,
                           const at::Tensor& tensor) {
  const absl::StatusOr<at::Tensor> found = Find(saved, name, tensor.sizes());
  if (!found.ok()) return found.status();
  const at::NoGradGuard no_grad;
  tensor.copy_(*found);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> RestoreNumbers(const NamedTensors& saved,
                                                    const std::string& name, size_t count) {
  const absl::StatusOr<at::Tensor> found = Find(saved, name, {static_cast<int64_t>(count)});
  if (!found.ok()) return found.status();
  const at::Tensor numbers = found->to(at::kLong).contiguous();
  return std::vector<int64_t>(numbers.data_ptr<int64_t>(), numbers.data_ptr<int64_t>() + count);
}

absl::Status RestoreRng(const NamedTensors& saved, const std::string& name, Rng& rng) {
  Rng::State state = {};
  const absl::StatusOr<std::vector<int64_t>> numbers = RestoreNumbers(saved, name, state.size());
  if (!numbers.ok()) return numbers.status();
  std::copy(numbers->begin(), numbers->end(), state.begin());
  rng.set_state(state);
  return absl::OkStatus();
}

}  // namespace nasc
