#include "cli/run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/flags.h"
#include "cli/format.h"
#include "cli/space_file.h"
#include "compiler/identity.h"
#include "compiler/lower.h"
#include "glog/logging.h"
#include "runtime/compute.h"
#include "runtime/fused/isa.h"
#include "runtime/run/log.h"
#include "runtime/run/metrics.h"
#include "runtime/run/progress.h"
#include "runtime/run/run_folder.h"
#include "runtime/threads.h"
#include "strategies/architecture_file.h"
#include "strategies/search_setting.h"

namespace nasc {

void AddRunFlags(CLI::App& app, RunFlags& flags) {
  app.add_option("--runs", flags.runs, "the folder that run folders are made in")
      ->capture_default_str();
  app.add_option("--name", flags.name, "the name of the run; by default that of the search");
  AddComputeFlags(app, flags);
}

CLI::Option* AddSettingFlag(CLI::App& app, RunFlags& flags) {
  return app
      .add_option("--set", flags.settings,
                  "PART.NAME=VALUE instead of what the declaration says, such as train.batch=32 or "
                  "budget.epochs=5; as often as wanted")
      ->allow_extra_args(false);
}

void AddComputeFlags(CLI::App& app, RunFlags& flags) {
  app.add_option("--threads", flags.threads,
                 "threads to compute with; by default as many as the machine has. Another number "
                 "of threads gives other rounding")
      ->check(WholeNumber(1, 1024));
  app.add_option("--isa", flags.isa,
                 "vector instructions to compute with: none (LibTorch's operators alone), avx2, "
                 "avx512, or the best that the processor has. Others give other rounding")
      ->capture_default_str();
  app.add_option("--device", flags.device,
                 "where to compute: cpu, or cuda (cuda:1 is the second) where LibTorch has it")
      ->capture_default_str();
  app.add_option("--precision", flags.precision,
                 "float32, or bf16: convolutions in bfloat16, weights and sums in float32. Only "
                 "float32 on the CPU is compiled; all else runs on LibTorch's operators")
      ->capture_default_str();
  app.add_option(
         "--memory", flags.memory,
         "the most memory that a step of training may take beside the data and the weights, "
         "such as 800MB: more is computed again instead of kept where that is needed to fit. "
         "It changes no result. By default what the search requires")
      ->transform(ByteCount());
  app.add_flag("--quiet", flags.quiet, "show no progress, only results");
}

absl::StatusOr<LoadedSearch> LoadSearch(const std::string& file, const std::string& name,
                                        int64_t seed, const std::vector<std::string>& settings,
                                        const std::string& libraries) {
  absl::StatusOr<Sources> sources = LoadChecked(file, libraries);
  if (!sources.ok()) return sources.status();
  LoadedSearch loaded;
  loaded.settings = settings;
  loaded.sources = std::make_unique<Sources>(*std::move(sources));
  const Module& root = loaded.sources->root();
  absl::StatusOr<const ast::SearchDecl*> search = FindSearch(root, name);
  if (!search.ok()) return search.status();
  const absl::StatusOr<ast::SearchDecl> changed = WithSettings(**search, settings);
  if (!changed.ok()) return changed.status();
  Diagnostics diagnostics;
  std::optional<SearchConfig> config = ReadSearch(*changed, root, diagnostics);
  if (!config.has_value()) return diagnostics.ToStatus();
  loaded.config = *std::move(config);
  if (seed >= 0) loaded.config.seed = static_cast<uint64_t>(seed);
  return loaded;
}

namespace {

absl::StatusOr<std::string> IdentityOfSearch(const SearchConfig& config) {
  const absl::StatusOr<ir::Graph> supernet = LowerAt(config.space, {config.scale, std::nullopt});
  if (!supernet.ok()) return supernet.status();
  return IdentityOf(*supernet).ToString();
}

}  // namespace

absl::StatusOr<LoadedSearch> LoadSearchOf(const std::string& folder, const RunRecord& record) {
  absl::StatusOr<LoadedSearch> search = LoadSearch(
      absl::StrCat(folder, "/", record.file), record.search, static_cast<int64_t>(record.seed),
      record.settings, absl::StrCat(folder, "/", kLibrariesFolder));
  if (!search.ok() || record.identity.empty()) return search;
  const absl::StatusOr<std::string> identity = IdentityOfSearch(search->config);
  if (!identity.ok()) return identity.status();
  if (*identity == record.identity) return search;
  return absl::FailedPreconditionError(absl::StrCat(
      folder, " was made with space ", search->config.space.name, " of identity ", record.identity,
      "; the files in ", folder, "/space define one of identity ", *identity,
      ": put them back, and carry the run over to another space with `nasc migrate ", folder,
      " FILE`"));
}

absl::Status StartComputing(const RunFlags& flags, RunRecord& record) {
  if (absl::Status status = fused::SetIsa(flags.isa); !status.ok()) return status;
  record.isa = fused::NameOf(fused::CurrentIsa());
  if (absl::Status status = SetCompute(flags.device, flags.precision); !status.ok()) return status;
  record.device = flags.device;
  record.precision = flags.precision;
  record.threads = flags.threads > 0 ? flags.threads : HardwareThreads();
  SetThreads(record.threads);
  return absl::OkStatus();
}

absl::StatusOr<RunRecord> ReadRunOf(const std::string& command, const std::string& folder) {
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(folder, "/", kRunConfigFile));
  if (!record.ok() || record->command == command) return record;
  return absl::InvalidArgumentError(absl::StrCat(folder, " is a run of `nasc ", record->command,
                                                 "`, not of `nasc ", command, "`"));
}

absl::StatusOr<LoadedSearch> LoadToResume(const std::string& folder, RunRecord& record,
                                          RunFlags flags) {
  flags.threads = record.threads;
  flags.isa = record.isa;
  flags.device = record.device;
  flags.precision = record.precision;
  if (absl::Status status = StartComputing(flags, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search = LoadSearchOf(folder, record);
  if (search.ok() && flags.memory > 0) search->config.memory = flags.memory;
  return search;
}

absl::Status WithWayToResume(const absl::Status& status, const std::string& command,
                             const RunFolder& folder) {
  if (!absl::IsCancelled(status)) return status;
  return absl::CancelledError(absl::StrCat(status.message(), "; go on with `nasc ", command,
                                           " --resume ", folder.path(), "`"));
}

absl::StatusOr<RunFolder> MakeRunFolder(const RunFlags& flags, const LoadedSearch& search,
                                        RunRecord* record) {
  const bool exact = !flags.name.empty();
  absl::StatusOr<RunFolder> folder =
      RunFolder::Create(flags.runs, exact ? flags.name : search.config.name, exact);
  if (!folder.ok()) return folder.status();
  const auto give_up = [&folder](const absl::Status& status) {
    // The first error is the one to report.
    folder->Discard().IgnoreError();
    return status;
  };
  absl::StatusOr<std::string> file = folder->SaveSources(*search.sources);
  if (!file.ok()) return give_up(file.status());
  record->file = *file;
  record->search = search.config.name;
  record->settings = search.settings;
  record->sources = HashOf(*search.sources).ToString();
  record->seed = search.config.seed;
  const absl::StatusOr<std::string> identity = IdentityOfSearch(search.config);
  if (!identity.ok()) return give_up(identity.status());
  record->identity = *identity;
  const absl::Status written =
      folder->WriteText(kRunConfigFile, RunConfigJson(*record, search.config));
  if (!written.ok()) return give_up(written);
  return folder;
}

absl::Status InRunFolder(const RunFlags& flags, RunRecord record, const LoadedSearch& search,
                         const std::function<absl::Status(const RunContext&)>& body) {
  absl::StatusOr<RunFolder> folder = MakeRunFolder(flags, search, &record);
  if (!folder.ok()) return folder.status();
  const auto give_up = [&folder](const absl::Status& status) {
    // The first error is the one to report.
    folder->Discard().IgnoreError();
    return status;
  };
  absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(folder->path());
  if (!log.ok()) return give_up(log.status());
  absl::StatusOr<MetricsLog> metrics = MetricsLog::Open(folder->File("metrics.jsonl"));
  if (!metrics.ok()) return give_up(metrics.status());

  Progress progress(stderr, Progress::IsTerminal(stderr), flags.quiet);
  progress.Print(absl::StrCat("run folder: ", folder->path()));
  LOG(INFO) << record.command << " " << record.search << ", seed " << record.seed << ", "
            << record.threads << " threads, " << record.isa << ", " << record.device << ", "
            << record.precision;
  const absl::Status status = body({*folder, *metrics, progress});
  if (status.ok()) return status;
  LOG(INFO) << "ended with: " << status.message();
  // An architecture is written as soon as a trial has told something.
  std::error_code error;
  const bool measured =
      metrics->length() > 0 || std::filesystem::exists(folder->File(kArchitectureFile), error);
  return measured ? status : give_up(status);
}

absl::Status InResumedFolder(const RunFlags& flags, const std::string& path,
                             const RunRecord& record,
                             const std::function<absl::Status(const RunContext&)>& body) {
  absl::StatusOr<RunFolder> folder = RunFolder::Open(path);
  if (!folder.ok()) return folder.status();
  absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(folder->path());
  if (!log.ok()) return log.status();
  absl::StatusOr<MetricsLog> metrics = MetricsLog::Open(folder->File("metrics.jsonl"));
  if (!metrics.ok()) return metrics.status();
  Progress progress(stderr, Progress::IsTerminal(stderr), flags.quiet);
  progress.Print(absl::StrCat("run folder: ", folder->path()));
  LOG(INFO) << "going on with " << record.command << " " << record.search << ", seed "
            << record.seed;
  const absl::Status status = body({*folder, *metrics, progress});
  if (!status.ok()) LOG(INFO) << "ended with: " << status.message();
  return status;
}

std::string NetworkLine(const std::string& what, const TrainedNetwork& trained) {
  return absl::StrFormat("%-22s test %s %.4f   %s weights   %s MACs", what, trained.score.measure(),
                         trained.score.quality, Grouped(absl::StrCat(trained.cost.weights)),
                         Grouped(absl::StrCat(trained.cost.macs)));
}

}  // namespace nasc
