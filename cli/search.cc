#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/run.h"
#include "strategies/study.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  int64_t seed = -1;
  RunFlags run;
};

// What the search gained over a random architecture, said plainly.
std::string Verdict(const Study::Summary& summary) {
  const double gain =
      100 * (summary.derived->trained.score.accuracy - summary.random->trained.score.accuracy);
  if (gain > 0) {
    return absl::StrFormat(
        "The search beat a random architecture by %.2f points, with one seed each.", gain);
  }
  return absl::StrFormat(
      "The search did not beat a random architecture: it is %.2f points behind, with one seed each.",
      -gain);
}

void PrintSummary(const Study& study, const Study::Summary& summary, const std::string& folder) {
  std::printf("\n%s\n", Print(summary.architecture, study.supernet()).c_str());
  if (summary.derived.has_value()) {
    std::printf("%s\n", NetworkLine("derived architecture", summary.derived->trained).c_str());
  }
  if (summary.random.has_value()) {
    std::printf("%s\n\n%s\n", NetworkLine("random architecture", summary.random->trained).c_str(),
                Verdict(summary).c_str());
  }
  std::printf("Everything is in %s\n", folder.c_str());
}

absl::Status Search(const Flags& flags) {
  RunRecord record;
  record.command = "search";
  record.threads = StartThreads(flags.run);
  absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, flags.seed);
  if (!search.ok()) return search.status();
  record.scale = search->config.final_scale;
  absl::StatusOr<Study> study = Study::Prepare(search->config);
  if (!study.ok()) return study.status();
  return InRunFolder(flags.run, record, *search, [&](const RunContext& run) -> absl::Status {
    absl::StatusOr<Study::Summary> summary = study->Run(run);
    if (!summary.ok()) return summary.status();
    PrintSummary(*study, *summary, run.folder.path());
    return absl::OkStatus();
  });
}

}  // namespace

Action AddSearch(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches")->required();
  app.add_option("SEARCH", flags->search, "which of them; needed where there are several");
  app.add_option("--seed", flags->seed, "instead of the declared one")
      ->check(CLI::NonNegativeNumber);
  AddRunFlags(app, flags->run);
  return [flags] { return Search(*flags); };
}

}  // namespace nasc
