#include "strategies/migrate/network.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "compiler/relax.h"
#include "runtime/checkpoint.h"
#include "runtime/run/atomic_file.h"
#include "strategies/architecture_file.h"
#include "strategies/final_training.h"
#include "strategies/migrate/tensors.h"
#include "strategies/tensor_notes.h"
#include "strategies/training_state.h"

namespace nasc {
namespace {

// Carries the files of tensors of one network.
class NetworkCarrier {
 public:
  NetworkCarrier(const std::string& from, const std::string& to, const Translation& translation,
                 TensorNotes notes)
      : from_(from), to_(to), translation_(translation), notes_(std::move(notes)) {}

  bool Has(const char* file) const {
    std::error_code error;
    return std::filesystem::exists(absl::StrCat(from_, "/", file), error);
  }

  // The file with names as the new version has them. Of a training that goes on, in which weights
  // have an order, names must be the same in both.
  absl::Status Carry(const char* file, bool training) const {
    const std::string path = absl::StrCat(from_, "/", file);
    absl::StatusOr<TensorFile> before = LoadTensors(path);
    if (!before.ok()) return before.status();
    const absl::Status of_space =
        CheckIdentity(before->notes, path, translation_.map().old_supernet());
    if (!of_space.ok()) return of_space;
    TensorNotes notes = notes_;
    notes.merge(before->notes);  // of its training and its data
    return SaveTensors(absl::StrCat(to_, "/", file),
                       training ? std::move(before->tensors)
                                : WithNewNames(std::move(before->tensors), translation_.renames()),
                       notes);
  }

 private:
  const std::string& from_;
  const std::string& to_;
  const Translation& translation_;
  const TensorNotes notes_;
};

}  // namespace

absl::StatusOr<std::optional<CarriedItem>> CarryNetwork(const std::string& label,
                                                        const std::string& from,
                                                        const Translation& translation,
                                                        const std::string& to) {
  const ir::Graph& before = translation.map().old_supernet();
  const ir::Graph& after = translation.map().new_supernet();
  std::error_code error;
  const std::string file = absl::StrCat(from, "/", kArchitectureFile);
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  const auto lost = [&](absl::string_view why) {
    return CarriedItem{"network", label, Fate::kLost, std::string(why)};
  };
  const absl::StatusOr<Architecture> architecture = LoadArchitecture(file, before);
  if (!architecture.ok()) return architecture.status();
  const absl::StatusOr<Architecture> translated = translation.Of(*architecture);
  if (!translated.ok()) return lost(translated.status().message());
  const absl::StatusOr<ir::Graph> network = Fix(before, *architecture);
  if (!network.ok()) return network.status();
  const bool renamed = absl::c_any_of(network->params, [&](const ir::Param& param) {
    return translation.renames().Name(param.name) != param.name;
  });

  const NetworkCarrier carrier(from, to, translation, NotesOf(*translated, after));
  const bool trains = carrier.Has(kTrainingFile);
  if (trains && renamed) {
    return lost("its training had not ended, and begins again as weights have new names");
  }
  std::filesystem::create_directories(to, error);
  absl::Status status =
      WriteFileAtomically(absl::StrCat(to, "/", kArchitectureFile), Print(*translated, after));
  if (status.ok() && carrier.Has(kWeightsFile)) status = carrier.Carry(kWeightsFile, false);
  if (status.ok() && trains) status = carrier.Carry(kTrainingFile, true);
  if (!status.ok()) return status;
  return CarriedItem{"network", label, renamed ? Fate::kRemapped : Fate::kKept,
                     renamed ? "weights under their new names" : ""};
}

}  // namespace nasc
