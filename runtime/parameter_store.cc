#include "runtime/parameter_store.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/compute.h"
#include "runtime/random/random.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

const std::vector<int64_t>& WholeShape(const ProgramParam& param) {
  return param.whole.empty() ? param.shape : param.whole;
}

at::Tensor Initial(const ProgramParam& param, at::ScalarType dtype, uint64_t seed) {
  switch (param.init) {
    case ir::Param::Init::kZeros:
      return at::zeros(WholeShape(param), dtype);
    case ir::Param::Init::kOnes:
      return at::ones(WholeShape(param), dtype);
    case ir::Param::Init::kFanIn:
      break;
  }
  at::Tensor tensor = at::empty(WholeShape(param), at::kDouble);
  const double bound = 1 / std::sqrt(static_cast<double>(param.fan_in));
  Rng rng(HashSeed(seed, param.name));
  auto* values = tensor.data_ptr<double>();
  for (int64_t i = 0; i < tensor.numel(); ++i) values[i] = bound * (2 * rng.Uniform() - 1);
  return tensor.to(dtype);
}

}  // namespace

at::Tensor PartOf(const at::Tensor& whole, const ProgramParam& param) {
  at::Tensor part = whole;
  for (int64_t d = 0; d < whole.dim() && !param.whole.empty(); ++d) {
    const int64_t rest = whole.size(d) - param.shape[d];
    if (rest > 0) part = part.narrow(d, d < 2 ? 0 : rest / 2, param.shape[d]);
  }
  return part;
}

absl::StatusOr<at::Tensor> ParameterStore::Get(const ProgramParam& param) {
  return CatchTorch("making weights", [&]() -> absl::StatusOr<at::Tensor> {
    const auto it = tensors_.find(param.name);
    if (it == tensors_.end()) {
      Put(param.name, param.role, Initial(param, dtype_, seed_));
      return tensors_.at(param.name);
    }
    const std::vector<int64_t>& shape = WholeShape(param);
    if (it->second.sizes() != c10::IntArrayRef(shape)) {
      return absl::FailedPreconditionError(
          absl::StrCat(param.name, " has shape [", absl::StrJoin(it->second.sizes(), ", "),
                       "], the network needs [", absl::StrJoin(shape, ", "), "]"));
    }
    return it->second;
  });
}

void ParameterStore::Put(const std::string& name, ir::Param::Role role, at::Tensor tensor) {
  tensor = tensor.to(CurrentCompute().device, dtype_);
  if (tensor.dim() == 4) tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
  if (role == ir::Param::Role::kWeight) tensor.set_requires_grad(true);
  tensors_[name] = std::move(tensor);
  roles_[name] = role;
}

std::vector<at::Tensor> ParameterStore::Weights() const {
  std::vector<at::Tensor> weights;
  for (const auto& [name, tensor] : tensors_) {
    if (roles_.at(name) == ir::Param::Role::kWeight) weights.push_back(tensor);
  }
  return weights;
}

}  // namespace nasc
