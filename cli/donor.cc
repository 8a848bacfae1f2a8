#include "cli/donor.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/trained_run.h"
#include "runtime/checkpoint.h"
#include "strategies/one_shot/one_shot_search.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

constexpr char kSupernet[] = "supernet";

struct DonorPath {
  std::string run;
  std::string network;  // "": what the run found or trained
};

absl::StatusOr<DonorPath> Split(const std::string& path) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::path(path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (std::filesystem::exists(folder / kRunConfigFile, error))
    return DonorPath{folder.string(), ""};
  const std::filesystem::path run = folder.has_parent_path() ? folder.parent_path() : ".";
  if (std::filesystem::exists(run / kRunConfigFile, error)) {
    return DonorPath{run.string(), folder.filename().string()};
  }
  return absl::NotFoundError(
      absl::StrCat(path, " is no run: a folder that `nasc search` or `nasc train` made"));
}

absl::StatusOr<Donor> LoadSupernet(const RunRecord& record, const std::string& run,
                                   const std::string& path) {
  absl::StatusOr<LoadedSearch> search = LoadSearchOf(run, record);
  if (!search.ok()) return search.status();
  const SearchConfig& config = search->config;
  const absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, config.scale, &*task);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<TensorFile> saved = LoadTensors(absl::StrCat(run, "/", kSupernetFile));
  if (!saved.ok()) return saved.status();
  const absl::Status of_space =
      CheckIdentity(saved->notes, absl::StrCat(run, "/", kSupernetFile), *supernet);
  if (!of_space.ok()) return of_space;
  return Donor{path, *std::move(supernet), std::nullopt, std::move(saved->tensors),
               ClassesOf(config.dataset, config.data)};
}

}  // namespace

absl::StatusOr<Donor> LoadDonor(const std::string& path) {
  const absl::StatusOr<DonorPath> split = Split(path);
  if (!split.ok()) return split.status();
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(split->run, "/", kRunConfigFile));
  if (!record.ok()) return record.status();
  if (split->network == kSupernet) return LoadSupernet(*record, split->run, path);
  absl::StatusOr<TrainedRun> trained =
      ReadTrainedRun(*std::move(record), split->run, split->network);
  if (!trained.ok()) return trained.status();
  const SearchConfig& config = trained->search.config;
  std::string classes = ClassesOf(config.dataset, config.data);
  return Donor{trained->folder, std::move(trained->supernet), std::move(trained->architecture),
               std::move(trained->weights), std::move(classes)};
}

absl::StatusOr<Study> PrepareStudy(const SearchConfig& config) {
  absl::StatusOr<Study> study = Study::Prepare(config);
  if (!study.ok() || config.inherit.empty()) return study;
  absl::StatusOr<Donor> donor = LoadDonor(config.inherit);
  if (!donor.ok()) return donor.status();
  study->SetDonor(*std::move(donor));
  return study;
}

}  // namespace nasc
