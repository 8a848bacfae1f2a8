#include "runtime/checkpoint.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/run/atomic_file.h"
#include "runtime/torch_status.h"

namespace nasc {

absl::Status SaveTensors(const std::string& path, const NamedTensors& tensors) {
  return CatchTorch(absl::StrCat("writing ", path), [&]() -> absl::Status {
    // Pairs, since LibTorch marks a dictionary with its type, which newer Pythons refuse to load.
    std::vector<c10::IValue> pairs;
    for (const auto& [name, tensor] : tensors) {
      pairs.emplace_back(c10::ivalue::Tuple::create(name, tensor.detach().cpu().contiguous()));
    }
    const std::vector<char> bytes =
        torch::jit::pickle_save(c10::ivalue::Tuple::create(std::move(pairs)));
    return WriteFileAtomically(path, absl::string_view(bytes.data(), bytes.size()));
  });
}

absl::StatusOr<NamedTensors> LoadTensors(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFileToString(path);
  if (!bytes.ok()) return bytes.status();
  NamedTensors tensors;
  try {
    const c10::IValue value =
        torch::jit::pickle_load(std::vector<char>(bytes->begin(), bytes->end()));
    for (const c10::IValue& pair : value.toTupleRef().elements()) {
      const auto& elements = pair.toTupleRef().elements();
      tensors[elements.at(0).toStringRef()] = elements.at(1).toTensor();
    }
  } catch (const std::exception&) {
    // What the reader of zip files and pickles found is of no use to a user.
    return absl::DataLossError(absl::StrCat(path, " is damaged or holds no weights"));
  }
  return tensors;
}

}  // namespace nasc
