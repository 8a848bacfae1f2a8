#include "cli/trained_run.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/weights_file.h"
#include "runtime/compute.h"
#include "runtime/fused/isa.h"
#include "strategies/architecture_file.h"
#include "strategies/study.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

absl::StatusOr<std::string> NetworkFolder(const std::string& run, const std::string& network) {
  std::vector<std::string> names = {"derived", "network"};
  if (!network.empty()) names = {network};
  for (const std::string& name : names) {
    std::error_code error;
    std::string folder = absl::StrCat(run, "/", name);
    if (std::filesystem::exists(absl::StrCat(folder, "/", kWeightsFile), error)) return folder;
  }
  return absl::NotFoundError(
      absl::StrCat(run, " holds no trained network", network.empty() ? "" : " " + network));
}

}  // namespace

absl::StatusOr<TrainedRun> LoadTrainedRun(const std::string& folder, const std::string& network,
                                          RunFlags flags) {
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(folder, "/", kRunConfigFile));
  if (!record.ok()) return record.status();
  if (flags.threads == 0) flags.threads = record->threads;
  // As it was trained, where this machine can.
  if (fused::SetIsa(record->isa).ok()) flags.isa = record->isa;
  if (SetCompute(record->device, record->precision).ok()) {
    flags.device = record->device;
    flags.precision = record->precision;
  }
  if (absl::Status status = StartComputing(flags, *record); !status.ok()) return status;
  return ReadTrainedRun(*std::move(record), folder, network);
}

absl::StatusOr<TrainedRun> ReadTrainedRun(RunRecord record, const std::string& folder,
                                          const std::string& network) {
  absl::StatusOr<std::string> network_folder = NetworkFolder(folder, network);
  if (!network_folder.ok()) return network_folder.status();
  absl::StatusOr<LoadedSearch> search = LoadSearchOf(folder, record);
  if (!search.ok()) return search.status();
  const SearchConfig& config = search->config;
  absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, record.scale, &*task);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<Architecture> architecture =
      LoadArchitecture(absl::StrCat(*network_folder, "/", kArchitectureFile), *supernet);
  if (!architecture.ok()) return architecture.status();
  absl::StatusOr<Program> program = InferenceProgram(*supernet, *architecture);
  if (!program.ok()) return program.status();
  const absl::StatusOr<WeightsFile> saved =
      LoadWeights(absl::StrCat(*network_folder, "/", kWeightsFile));
  if (!saved.ok()) return saved.status();
  const absl::Status of_space = CheckIdentity(saved->file.notes, saved->path, *supernet);
  if (!of_space.ok()) return of_space;
  absl::StatusOr<NamedTensors> weights = WeightsOf(*program, *saved);
  if (!weights.ok()) return weights.status();
  return TrainedRun{std::move(record),   *std::move(network_folder), *std::move(search),
                    *std::move(task),    *std::move(supernet),       *std::move(architecture),
                    *std::move(program), *std::move(weights)};
}

}  // namespace nasc
