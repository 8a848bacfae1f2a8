#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/run.h"
#include "cli/space_version.h"
#include "compiler/architecture.h"
#include "compiler/versions/compiled_space.h"
#include "compiler/versions/translation.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"
#include "strategies/architecture_file.h"
#include "strategies/migrate/carried.h"
#include "strategies/study.h"

namespace nasc {
namespace {

constexpr char kMetricsFile[] = "metrics.jsonl";

struct Flags {
  std::string from;
  std::string file;
  std::string search;
  std::string version;  // of an architecture, the space that it is of
  std::string output;
  RunFlags run;
  bool json = false;
};

struct Migrated {
  std::string folder;
  std::string before;  // "darts 1.0.0"
  std::string after;
  Carried carried;
};

void Print(const Migrated& migrated, const std::string& command, bool json) {
  if (!json) {
    std::printf("%s -> %s\n%srun folder: %s; go on with `nasc %s --resume %s`\n",
                migrated.before.c_str(), migrated.after.c_str(),
                CarriedText(migrated.carried).c_str(), migrated.folder.c_str(), command.c_str(),
                migrated.folder.c_str());
    return;
  }
  JsonList items;
  for (const CarriedItem& item : migrated.carried) {
    items.emplace_back(JsonFields{
        {"kind", item.kind}, {"name", item.name}, {"fate", NameOf(item.fate)}, {"why", item.why}});
  }
  std::fputs(JsonDocument({{"before", migrated.before},
                           {"after", migrated.after},
                           {"run", migrated.folder},
                           {"items", std::move(items)}})
                 .c_str(),
             stdout);
}

std::string VersionText(const Space& space) { return absl::StrCat(space.name, " ", space.version); }

// The lines that came with the new version.
absl::StatusOr<std::vector<Rename>> RenamesBetween(const Space& before, const Space& after) {
  const absl::StatusOr<CompiledSpace> old_space = CompileSpace(before);
  if (!old_space.ok()) return old_space.status();
  const absl::StatusOr<CompiledSpace> new_space = CompileSpace(after);
  if (!new_space.ok()) return new_space.status();
  return Renames::Since(old_space->renames, new_space->renames);
}

// The architecture of a file in a new version of its space, as text.
absl::Status MigrateArchitecture(const Flags& flags) {
  if (flags.version.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        flags.from,
        " is an architecture: name the version of the space that it is of by --of, such "
        "as HEAD~1:my.space"));
  }
  const absl::StatusOr<CompiledSpace> before = LoadVersion(flags.version);
  if (!before.ok()) return before.status();
  const absl::StatusOr<CompiledSpace> after = LoadVersion(flags.file);
  if (!after.ok()) return after.status();
  const absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.from, before->scales[0]);
  if (!architecture.ok()) return architecture.status();
  const std::vector<Rename> renames = Renames::Since(before->renames, after->renames);
  std::string text;
  for (const ir::Graph& old_graph : before->scales) {
    const ir::Graph* new_graph = FindScale(*after, old_graph.scale);
    if (new_graph == nullptr) continue;
    const absl::StatusOr<Architecture> translated =
        Translation(old_graph, *new_graph, renames).Of(*architecture);
    if (!translated.ok()) {
      return absl::Status(translated.status().code(),
                          absl::StrCat(flags.from, " is not in ", after->name, " ", after->version,
                                       ": ", translated.status().message()));
    }
    text = Print(*translated, *new_graph);
  }
  if (text.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no scale of ", flags.version, " is left in ", flags.file));
  }
  if (!flags.output.empty()) return WriteFileAtomically(flags.output, text);
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Migrate(Flags flags) {
  if (absl::EndsWith(flags.from, ".arch")) return MigrateArchitecture(flags);
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(flags.from, "/", kRunConfigFile));
  if (!record.ok()) return record.status();
  if (record->seeds > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(flags.from, " holds several searches: migrate each of its folders"));
  }
  const absl::StatusOr<LoadedSearch> old_search = LoadToResume(flags.from, *record, flags.run);
  if (!old_search.ok()) return old_search.status();
  const std::string name = flags.search.empty() ? record->search : flags.search;
  const absl::StatusOr<LoadedSearch> search =
      LoadSearch(flags.file, name, static_cast<int64_t>(record->seed), record->settings);
  if (!search.ok()) return search.status();
  const Space& old_space = old_search->config.space;
  const Space& space = search->config.space;
  const absl::StatusOr<std::vector<Rename>> renames = RenamesBetween(old_space, space);
  if (!renames.ok()) return renames.status();
  absl::StatusOr<Study> before = PrepareStudy(old_search->config);
  if (!before.ok()) return before.status();
  absl::StatusOr<Study> after = PrepareStudy(search->config);
  if (!after.ok()) return after.status();

  RunRecord migrated_record = *record;
  migrated_record.scale = search->config.final_scale;
  migrated_record.migrated_from = absl::StrCat(flags.from, " (", VersionText(old_space), ")");
  const absl::StatusOr<RunFolder> folder = MakeRunFolder(flags.run, *search, &migrated_record);
  if (!folder.ok()) return folder.status();
  Migrated migrated{folder->path(), VersionText(old_space), VersionText(space), {}};
  std::error_code error;
  std::filesystem::copy_file(absl::StrCat(flags.from, "/", kMetricsFile),
                             folder->File(kMetricsFile), error);
  flags.run.quiet = true;  // it is told at the end where the folder is
  const absl::Status status =
      InResumedFolder(flags.run, folder->path(), migrated_record, [&](const RunContext& run) {
        absl::StatusOr<Carried> carried = after->CarryFrom(*before, flags.from, *renames, run);
        if (carried.ok()) migrated.carried = *std::move(carried);
        return carried.status();
      });
  if (!status.ok()) {
    // The first error is the one to report.
    folder->Discard().IgnoreError();
    return status;
  }
  Print(migrated, record->command, flags.json);
  return absl::OkStatus();
}

}  // namespace

Action AddMigrate(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("RUN", flags->from,
                 "the run of an earlier version, such as runs/quick, or an architecture (.arch)")
      ->required();
  app.add_option("FILE", flags->file,
                 "a .space file that declares the search on the new version of the space; of an "
                 "architecture the new version")
      ->required();
  app.add_option("SEARCH", flags->search, "its declaration; by default that of the run's name");
  app.add_option("--runs", flags->run.runs, "the folder that the new run's folder is made in")
      ->capture_default_str();
  app.add_option("--name", flags->run.name,
                 "the name of the new run; by default that of the search");
  app.add_option("--of", flags->version,
                 "of an architecture, the version that it is of: a .space file, one of a git "
                 "revision, or a compiled space");
  app.add_option("--output,-o", flags->output, "of an architecture, the file for the new one");
  app.add_flag("--json", flags->json, "for programs: what became of every trial, weight, decision");
  app.footer(
      "Makes a run of the new version of a space from one of an earlier version: its trials, "
      "shared\n"
      "weights, decisions or controller and trained networks, as far as the new version has them.\n"
      "`renamed` lines of the new version say what is called otherwise. The old run stays.\n"
      "Example: nasc migrate runs/quick examples/darts/search.space");
  return [flags] { return Migrate(*flags); };
}

}  // namespace nasc
