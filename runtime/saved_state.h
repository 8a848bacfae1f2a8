// What a search or a training needs to go on where it stopped, as tensors by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/random/random.h"

namespace nasc {

using NamedTensors = std::map<std::string, at::Tensor>;

// Adds the tensors of a part of what is saved, each as "part/name".
void AddPart(absl::string_view part, const NamedTensors& tensors, NamedTensors& all);

// The tensors of that part by their own names; none where nothing was saved of it.
NamedTensors SavedPart(absl::string_view part, const NamedTensors& all);

// Whole numbers, and the state of a generator, as a tensor of int64.
at::Tensor SaveNumbers(const std::vector<int64_t>& numbers);
at::Tensor SaveRng(const Rng& rng);

// Each reads the tensor of that name. DataLoss, and no change, where there is none or it has
// another shape. RestoreTensor copies into `tensor`, whose type and order in memory stay.
absl::Status RestoreTensor(const NamedTensors& saved, const std::string& name,
                           const at::Tensor& tensor);
absl::StatusOr<std::vector<int64_t>> RestoreNumbers(const NamedTensors& saved,
                                                    const std::string& name, size_t count);
absl::Status RestoreRng(const NamedTensors& saved, const std::string& name, Rng& rng);

}  // namespace nasc
