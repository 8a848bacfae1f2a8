#include "strategies/one_shot/search_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/checkpoint.h"
#include "runtime/saved_loader.h"
#include "runtime/torch_status.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

constexpr char kWeights[] = "weights";
constexpr char kBuffers[] = "buffers";
constexpr char kStrategy[] = "strategy";
constexpr char kStop[] = "stop";
constexpr char kTraining[] = "training";
constexpr char kValidation[] = "validation";
constexpr char kLengths[] = "lengths";  // steps, bytes of metrics

// What is there keeps its place, as networks read it; what a later step had made is made now.
absl::Status RestoreStore(const NamedTensors& saved, ir::Param::Role role, ParameterStore& store) {
  for (const auto& [name, tensor] : saved) {
    const auto it = store.tensors().find(name);
    if (it == store.tensors().end()) {
      store.Put(name, role, tensor);
      continue;
    }
    const absl::Status status = RestoreTensor(saved, name, it->second);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Restore(const NamedTensors& saved, SearchState& state) {
  absl::Status status =
      RestoreStore(SavedPart(kWeights, saved), ir::Param::Role::kWeight, state.store);
  if (status.ok()) {
    status = RestoreStore(SavedPart(kBuffers, saved), ir::Param::Role::kBuffer, state.store);
  }
  if (status.ok()) status = state.strategy.Restore(SavedPart(kStrategy, saved));
  if (status.ok()) status = state.stop.Restore(SavedPart(kStop, saved));
  if (status.ok()) status = RestoreLoader(saved, kTraining, state.training);
  if (status.ok()) status = RestoreLoader(saved, kValidation, state.validation);
  return status;
}

}  // namespace

absl::Status SaveSearch(const std::string& path, const SearchState& state, int64_t metrics) {
  return CatchTorch("saving the search", [&]() -> absl::Status {
    NamedTensors saved;
    for (const auto& [name, tensor] : state.store.tensors()) {
      AddPart(tensor.requires_grad() ? kWeights : kBuffers, {{name, tensor}}, saved);
    }
    AddPart(kStrategy, state.strategy.Save(), saved);
    AddPart(kStop, state.stop.Save(), saved);
    saved[kTraining] = SaveLoader(state.training);
    saved[kValidation] = SaveLoader(state.validation);
    saved[kLengths] = SaveNumbers({state.steps, metrics});
    return SaveTensors(path, saved, NotesOf(state.supernet));
  });
}

absl::StatusOr<int64_t> RestoreSearch(const std::string& path, SearchState& state) {
  const absl::StatusOr<TensorFile> file = LoadTensors(path);
  if (!file.ok()) return file.status();
  const absl::Status of_space = CheckIdentity(file->notes, path, state.supernet);
  if (!of_space.ok()) return of_space;
  const NamedTensors& saved = file->tensors;
  return CatchTorch("going on with the search", [&]() -> absl::StatusOr<int64_t> {
    const auto lengths = RestoreNumbers(saved, kLengths, 2);
    absl::Status status = lengths.status();
    if (status.ok()) status = Restore(saved, state);
    if (!status.ok()) {
      return absl::DataLossError(absl::StrCat(path, " is not of this search: ", status.message()));
    }
    state.steps = (*lengths)[0];
    return (*lengths)[1];
  });
}

}  // namespace nasc
