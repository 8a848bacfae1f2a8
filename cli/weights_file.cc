#include "cli/weights_file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "compiler/lower.h"
#include "compiler/versions/diff_text.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

std::string NoteIn(const WeightsFile& weights, const std::string& key) {
  const auto it = weights.file.notes.find(key);
  return it != weights.file.notes.end() ? it->second : "";
}

absl::Status Mismatch(const WeightsFile& weights, absl::string_view what, const std::string& theirs,
                      const std::string& asked) {
  return absl::FailedPreconditionError(
      absl::StrCat(weights.path, " holds weights of ", what, " ",
                   theirs.empty() ? "that they do not name" : theirs, ", not of ", asked));
}

// The run that a file lies in; "" where it lies in none.
std::string RunOf(const std::string& path) {
  std::error_code error;
  for (std::filesystem::path folder = std::filesystem::path(path).parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / kRunConfigFile, error)) return folder.string();
    if (folder == folder.parent_path()) break;
  }
  return "";
}

// What differs between the space of the run that the weights lie in and another one; "" where that
// cannot be told.
std::string DifferenceOf(const std::string& run, const Space& space) {
  const absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(run, "/", kRunConfigFile));
  if (!record.ok()) return "";
  const absl::StatusOr<LoadedSearch> search = LoadSearchOf(run, *record);
  if (!search.ok()) return "";
  const absl::StatusOr<CompiledSpace> before = CompileSpace(search->config.space);
  const absl::StatusOr<CompiledSpace> after = CompileSpace(space);
  if (!before.ok() || !after.ok()) return "";
  return DiffSummary(DiffSpaces(*before, *after));
}

// Says what differs, and how to go on.
absl::Status WithDifference(const absl::Status& status, const WeightsFile& weights,
                            const Space& space) {
  const std::string run = RunOf(weights.path);
  if (run.empty()) return status;
  const std::string difference = DifferenceOf(run, space);
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), difference.empty() ? "" : absl::StrCat(": ", difference),
                   "; `nasc migrate ", run, " FILE` carries the run over to a new version"));
}

}  // namespace

absl::StatusOr<WeightsFile> LoadWeights(const std::string& path) {
  absl::StatusOr<TensorFile> file = LoadTensors(path);
  if (!file.ok()) return file.status();
  return WeightsFile{path, *std::move(file)};
}

absl::StatusOr<ir::Graph> SupernetOf(const WeightsFile& weights, const Space& space,
                                     const std::string& scale) {
  const std::string theirs =
      absl::StrCat(NoteIn(weights, "space"), " ", NoteIn(weights, "version"));
  const std::string asked = absl::StrCat(space.name, " ", space.version);
  if (theirs != asked) {
    return WithDifference(Mismatch(weights, "space", theirs, asked), weights, space);
  }
  const std::string trained = NoteIn(weights, "scale");
  if (!scale.empty() && trained != scale) return Mismatch(weights, "scale", trained, scale);
  int64_t classes = 0;
  const std::string input = NoteIn(weights, "input");
  if (input.empty() || !absl::SimpleAtoi(NoteIn(weights, "classes"), &classes)) {
    return absl::FailedPreconditionError(
        absl::StrCat(weights.path,
                     " does not say for which images it was trained: networks for "
                     "rows, and files of earlier versions, do not"));
  }
  absl::StatusOr<std::optional<InputSpec>> spec = ParseInput(input, classes);
  if (!spec.ok()) return spec.status();
  absl::StatusOr<ir::Graph> supernet = LowerAt(space, {trained, *spec});
  if (!supernet.ok()) return supernet;
  const absl::Status same = CheckIdentity(weights.file.notes, weights.path, *supernet);
  if (!same.ok()) return WithDifference(same, weights, space);
  return supernet;
}

absl::StatusOr<NamedTensors> WeightsOf(const Program& program, const WeightsFile& weights) {
  NamedTensors found;
  for (const ProgramParam& param : program.params) {
    const auto it = weights.file.tensors.find(param.name);
    const bool missing = it == weights.file.tensors.end();
    if (missing || it->second.sizes() != c10::IntArrayRef(param.shape)) {
      return absl::FailedPreconditionError(
          absl::StrCat(weights.path, " does not belong to the architecture: ", param.name,
                       missing ? " is missing" : " has another shape"));
    }
    found[param.name] = it->second;
  }
  return found;
}

}  // namespace nasc
