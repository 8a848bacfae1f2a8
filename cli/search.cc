#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "runtime/data/dataset.h"
#include "runtime/task.h"
#include "runtime/training_options.h"
#include "strategies/registry.h"
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
  const Score& derived = summary.derived->trained.score;
  const double gain = derived.quality - summary.random->trained.score.quality;
  const std::string difference = derived.regression
                                     ? absl::StrFormat("%.4f of r2", std::abs(gain))
                                     : absl::StrFormat("%.2f points", 100 * std::abs(gain));
  if (gain > 0) {
    return absl::StrCat("The search beat a random architecture by ", difference,
                        ", with one seed each.");
  }
  const std::string verdict = "The search did not beat a random architecture: ";
  if (gain == 0) return absl::StrCat(verdict, "both have the same ", derived.measure(), ".");
  return absl::StrCat(verdict, "it is ", difference, " behind, with one seed each.");
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
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, flags.seed);
  if (!search.ok()) return search.status();
  if (flags.run.memory > 0) search->config.memory = flags.run.memory;
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

void AppendOptions(absl::string_view title, absl::string_view doc,
                   const std::vector<OptionSpec>& specs, std::string* text) {
  absl::StrAppend(text, "\n  ", title, ": ", doc, "\n");
  for (const OptionSpec& spec : specs) {
    const std::string fallback = spec.kind == OptionSpec::Kind::kText ? "\"\""
                                 : spec.kind == OptionSpec::Kind::kTruth
                                     ? (spec.number != 0 ? "on" : "off")
                                     : absl::StrCat(spec.number);
    absl::StrAppendFormat(text, "    %-14s %s (default %s)\n", spec.name, spec.doc, fallback);
  }
}

// What a declaration may say, from the tables that read it.
std::string DeclarationHelp() {
  std::string text = "What a search declaration may set:\n";
  for (const DatasetInfo& info : KnownDatasets()) {
    AppendOptions("data " + info.name, info.doc, DataOptionSpecs(info.name), &text);
  }
  for (const StrategyInfo* info : KnownStrategies()) {
    AppendOptions("strategy " + info->name, info->doc, info->options, &text);
  }
  AppendOptions("train sgd", "how weights are trained", SgdOptionSpecs(), &text);
  AppendOptions("final", "how the architecture that was found is trained", FinalOptionSpecs(),
                &text);
  return text + "\nExample: nasc search examples/darts/search.space quick --seed 7";
}

}  // namespace

Action AddSearch(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches")->required();
  app.add_option("SEARCH", flags->search, "which of them; needed where there are several");
  app.add_option("--seed", flags->seed, "instead of the declared one")
      ->check(WholeNumber(0, kGreatestCount));
  AddRunFlags(app, flags->run);
  app.footer(DeclarationHelp());
  return [flags] { return Search(*flags); };
}

}  // namespace nasc
