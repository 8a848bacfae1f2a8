#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/run_config.h"
#include "dsl/sources.h"
#include "runtime/run/run_folder.h"
#include "strategies/final_training.h"
#include "strategies/search_config.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nasc {

// The flags --threads, --isa, --device, --precision, --memory and --quiet.
void AddComputeFlags(CLI::App& app, RunFlags& flags);

// Those and --runs and --name, of commands that make a run.
void AddRunFlags(CLI::App& app, RunFlags& flags);

// The flag --set, of those that run declarations as they are written.
CLI::Option* AddSettingFlag(CLI::App& app, RunFlags& flags);

// A search declaration with the files that it came from, which its parts point into.
struct LoadedSearch {
  std::unique_ptr<Sources> sources;
  std::vector<std::string> settings;  // that replaced what the files say
  SearchConfig config;
};

// Reads the declaration of that name, or the only one, with settings changed (see WithSettings); a
// seed of -1 leaves the declared one. Libraries are looked for in `libraries` first, where that is
// not empty.
absl::StatusOr<LoadedSearch> LoadSearch(const std::string& file, const std::string& name,
                                        int64_t seed, const std::vector<std::string>& settings = {},
                                        const std::string& libraries = "");

// Reads the declaration that a run was made of, from its folder. FailedPrecondition where the files
// there no longer define the space that the run was made with.
absl::StatusOr<LoadedSearch> LoadSearchOf(const std::string& folder, const RunRecord& record);

// Takes the threads, the vector instructions, the device and the precision that the flags ask for,
// and records them. Call it first. Error: instructions or a device that are not there.
absl::Status StartComputing(const RunFlags& flags, RunRecord& record);

// The record of a run in a folder, which must be one of `nasc COMMAND`.
absl::StatusOr<RunRecord> ReadRunOf(const std::string& command, const std::string& folder);

// Computes as the run did, with whose threads and instructions the numbers are the same, and reads
// its declaration again. Memory is as the flags say.
absl::StatusOr<LoadedSearch> LoadToResume(const std::string& folder, RunRecord& record,
                                          RunFlags flags);

// What stopped, with the way to go on with it; any other status as it is.
absl::Status WithWayToResume(const absl::Status& status, const std::string& command,
                             const RunFolder& folder);

// Makes the folder of a run, with the space and the configuration, and completes the record.
absl::StatusOr<RunFolder> MakeRunFolder(const RunFlags& flags, const LoadedSearch& search,
                                        RunRecord* record);

// Makes the folder of a run, with the space, the configuration and the log, and calls `body`. Where
// `body` fails, the folder stays if anything was measured, and goes otherwise.
absl::Status InRunFolder(const RunFlags& flags, RunRecord record, const LoadedSearch& search,
                         const std::function<absl::Status(const RunContext&)>& body);

// Opens the folder of a run to go on with it and calls `body`; the log and the metrics grow.
absl::Status InResumedFolder(const RunFlags& flags, const std::string& folder,
                             const RunRecord& record,
                             const std::function<absl::Status(const RunContext&)>& body);

// "derived architecture      test accuracy 0.8812   23,456 weights   1,234,567 MACs"; of a
// regression "test r2 0.8812"
std::string NetworkLine(const std::string& what, const TrainedNetwork& trained);

}  // namespace nasc
