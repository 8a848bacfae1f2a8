#include "strategies/migrate/network.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "compiler/relax.h"
#include "runtime/checkpoint.h"
#include "runtime/run/atomic_file.h"
#include "strategies/architecture_file.h"
#include "strategies/final_training.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

CarriedItem Lost(const std::string& label, absl::string_view why) {
  return {"network", label, Fate::kLost, std::string(why)};
}

}  // namespace

absl::StatusOr<Carried> CarryNetwork(const std::string& label, const std::string& from,
                                     const Translation& translation, const std::string& to) {
  const ir::Graph& before = translation.map().old_supernet();
  const ir::Graph& after = translation.map().new_supernet();
  const absl::StatusOr<Architecture> architecture =
      LoadArchitecture(absl::StrCat(from, "/", kArchitectureFile), before);
  if (!architecture.ok()) return architecture.status();
  const absl::StatusOr<Architecture> translated = translation.Of(*architecture);
  if (!translated.ok()) return Carried{Lost(label, translated.status().message())};
  absl::StatusOr<TensorFile> file = LoadTensors(absl::StrCat(from, "/", kWeightsFile));
  if (!file.ok()) return file.status();
  const absl::StatusOr<ir::Graph> network = Fix(after, *translated);
  if (!network.ok()) return network.status();

  std::map<std::string, at::Tensor> by_new_name;
  for (auto& [name, tensor] : file->tensors) {
    by_new_name[translation.renames().Name(name)] = std::move(tensor);
  }
  NamedTensors tensors;
  bool renamed = false;
  for (const ir::Param& param : network->params) {
    const auto tensor = by_new_name.find(param.name);
    if (tensor == by_new_name.end()) {
      return Carried{Lost(label, absl::StrCat("there is no weight ", param.name))};
    }
    renamed |= file->tensors.count(param.name) == 0;
    tensors[param.name] = tensor->second;
  }
  TensorNotes notes = NotesOf(*translated, after);
  notes.merge(file->notes);  // of its training and its data
  std::error_code error;
  std::filesystem::create_directories(to, error);
  absl::Status status =
      WriteFileAtomically(absl::StrCat(to, "/", kArchitectureFile), notes["architecture"]);
  if (status.ok()) status = SaveTensors(absl::StrCat(to, "/", kWeightsFile), tensors, notes);
  if (!status.ok()) return status;
  return Carried{{"network", label, renamed ? Fate::kRemapped : Fate::kKept,
                  renamed ? "weights under their new names" : ""}};
}

}  // namespace nasc
