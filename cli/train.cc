#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "strategies/study.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  std::string architecture;
  int64_t epochs = 0;
  int64_t steps = 0;
  int64_t seed = -1;
  std::string inherit;
  RunFlags run;
};

absl::Status Train(const Flags& flags) {
  RunRecord record;
  record.command = "train";
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, flags.seed);
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
  return InRunFolder(flags.run, record, *search, [&](const RunContext& run) -> absl::Status {
    absl::StatusOr<TrainedNetwork> trained = study->TrainFinal("network", *architecture, run);
    if (!trained.ok()) return trained.status();
    std::printf("%s\nEverything is in %s\n", NetworkLine("trained architecture", *trained).c_str(),
                run.folder.path().c_str());
    return absl::OkStatus();
  });
}

}  // namespace

Action AddTrain(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches")->required();
  app.add_option("SEARCH", flags->search,
                 "whose `data`, `train` and `final` lines say how; needed where there are several");
  app.add_option("--architecture", flags->architecture,
                 "the architecture to train, such as runs/NAME/architecture.arch")
      ->required();
  CLI::Option* epochs = app.add_option("--epochs", flags->epochs, "instead of the declared budget")
                            ->check(WholeNumber(1, kGreatestCount));
  app.add_option("--steps", flags->steps, "instead of the declared budget")
      ->check(WholeNumber(1, kGreatestCount))
      ->excludes(epochs);
  app.add_option("--seed", flags->seed, "instead of the declared one")
      ->check(WholeNumber(0, kGreatestCount));
  app.add_option("--inherit", flags->inherit,
                 "a run to take the first weights from, such as runs/NAME, runs/NAME/random or "
                 "runs/NAME/supernet; `nasc inherit` shows which");
  AddRunFlags(app, flags->run);
  return [flags] { return Train(*flags); };
}

}  // namespace nasc
