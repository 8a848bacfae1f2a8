#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "strategies/architecture_file.h"
#include "strategies/study.h"

namespace nasc {
namespace {

constexpr char kNetwork[] = "network";

struct Flags {
  std::string file;
  std::string search;
  std::string architecture;
  int64_t epochs = 0;
  int64_t steps = 0;
  int64_t seed = -1;
  std::string inherit;
  std::string resume;
  RunFlags run;
};

absl::Status TrainIn(Study& study, const Architecture& architecture, const RunContext& run) {
  absl::StatusOr<TrainedNetwork> trained = study.TrainFinal(kNetwork, architecture, run);
  if (!trained.ok()) return WithWayToResume(trained.status(), "train", run.folder);
  std::printf("%s\nEverything is in %s\n", NetworkLine("trained architecture", *trained).c_str(),
              run.folder.path().c_str());
  return absl::OkStatus();
}

absl::Status Resume(const Flags& flags) {
  absl::StatusOr<RunRecord> record = ReadRunOf("train", flags.resume);
  if (!record.ok()) return record.status();
  absl::StatusOr<LoadedSearch> search = LoadToResume(flags.resume, *record, flags.run);
  if (!search.ok()) return search.status();
  search->config.final_budget = record->final_budget;
  absl::StatusOr<Study> study = Study::Prepare(search->config);
  if (!study.ok()) return study.status();
  absl::StatusOr<Architecture> architecture = LoadArchitecture(
      absl::StrCat(flags.resume, "/", kNetwork, "/", kArchitectureFile), *study->final_supernet());
  if (!architecture.ok()) return architecture.status();
  return InResumedFolder(flags.run, flags.resume, *record, [&](const RunContext& run) {
    return TrainIn(*study, *architecture, run);
  });
}

absl::Status Train(const Flags& flags) {
  if (!flags.resume.empty()) return Resume(flags);
  if (flags.file.empty() || flags.architecture.empty()) {
    return absl::InvalidArgumentError(
        "name a .space file that declares searches and an --architecture, or a run to go on with: "
        "--resume RUN");
  }
  RunRecord record;
  record.command = "train";
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search =
      LoadSearch(flags.file, flags.search, flags.seed, flags.run.settings);
  if (!search.ok()) return search.status();
  if (flags.run.memory > 0) search->config.memory = flags.run.memory;
  SearchConfig& config = search->config;
  if (config.final_scale.empty()) {
    return absl::FailedPreconditionError(
        "the search has no `final` line, which says how a network is trained; add one such as "
        "`final at final { epochs = 600 }`");
  }
  if (flags.epochs > 0 || flags.steps > 0) {
    config.final_budget = Budget{flags.epochs, flags.steps, 0};
  }
  if (!flags.inherit.empty()) config.inherit = flags.inherit;
  record.scale = config.final_scale;
  absl::StatusOr<Study> study = PrepareStudy(config);
  if (!study.ok()) return study.status();
  absl::StatusOr<Architecture> architecture =
      LoadArchitecture(flags.architecture, *study->final_supernet());
  if (!architecture.ok()) return architecture.status();
  return InRunFolder(flags.run, record, *search,
                     [&](const RunContext& run) { return TrainIn(*study, *architecture, run); });
}

}  // namespace

Action AddTrain(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  CLI::Option* file = app.add_option("FILE", flags->file, "a .space file that declares searches");
  app.add_option("SEARCH", flags->search,
                 "whose `data`, `train` and `final` lines say how; needed where there are several");
  CLI::Option* architecture =
      app.add_option("--architecture", flags->architecture,
                     "the architecture to train, such as runs/NAME/architecture.arch");
  CLI::Option* epochs = app.add_option("--epochs", flags->epochs, "instead of the declared budget")
                            ->check(WholeNumber(1, kGreatestCount));
  CLI::Option* steps = app.add_option("--steps", flags->steps, "instead of the declared budget")
                           ->check(WholeNumber(1, kGreatestCount))
                           ->excludes(epochs);
  CLI::Option* seed = app.add_option("--seed", flags->seed, "instead of the declared one")
                          ->check(WholeNumber(0, kGreatestCount));
  CLI::Option* resume =
      app.add_option("--resume", flags->resume,
                     "go on with a training that was stopped, such as runs/quick, instead of a new "
                     "one");
  for (CLI::Option* other : {file, architecture, epochs, steps, seed}) resume->excludes(other);
  app.add_option("--inherit", flags->inherit,
                 "a run to take the first weights from, such as runs/NAME, runs/NAME/random or "
                 "runs/NAME/supernet; `nasc inherit` shows which")
      ->excludes(resume);
  AddSettingFlag(app, flags->run)->excludes(resume);
  AddRunFlags(app, flags->run);
  return [flags] { return Train(*flags); };
}

}  // namespace nasc
