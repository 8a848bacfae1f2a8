#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "cli/seeds.h"
#include "cli/summary.h"
#include "cli/unfinished.h"
#include "runtime/data/dataset.h"
#include "runtime/training_options.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/latency_options.h"
#include "strategies/registry.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/study.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  int64_t seed = -1;
  int64_t seeds = 1;
  std::string resume;
  bool go_on = false;
  bool json = false;
  RunFlags run;
};

absl::Status SearchIn(Study& study, const RunContext& run, bool resume, bool json) {
  absl::StatusOr<Study::Summary> summary = study.Run(run, resume);
  if (!summary.ok()) return WithWayToResume(summary.status(), "search", run.folder);
  const std::string document = JsonDocument(SummaryJson(study, *summary, run.folder.path()));
  const absl::Status written = run.folder.WriteText(kSummaryFile, document);
  if (!written.ok()) return written;
  const std::string text = json ? document : SummaryText(study, *summary, run.folder.path());
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

// What each of several runs is told as well.
std::vector<std::string> PassedOn(const RunFlags& flags) {
  std::vector<std::string> passed = {"--isa",      flags.isa,     "--device",
                                     flags.device, "--precision", flags.precision};
  if (flags.memory > 0) {
    passed.insert(passed.end(), {"--memory", absl::StrCat(flags.memory, "B")});
  }
  for (const std::string& setting : flags.settings) {
    passed.insert(passed.end(), {"--set", setting});
  }
  return passed;
}

absl::Status SearchSeeds(const Flags& flags, RunRecord record, LoadedSearch search) {
  const uint64_t first = search.config.seed;
  // Everything that can fail for all seeds alike fails here.
  absl::StatusOr<Study> study = PrepareStudy(search.config);
  if (!study.ok()) return study.status();
  record.seeds = flags.seeds;
  absl::StatusOr<RunFolder> folder = MakeRunFolder(flags.run, search, &record);
  if (!folder.ok()) return folder.status();
  return RunSeeds({folder->path(), first, flags.seeds, flags.run.threads, folder->File(record.file),
                   search.config.name, PassedOn(flags.run), flags.json});
}

absl::Status Resume(Flags flags) {
  absl::StatusOr<RunRecord> record = ReadRunOf("search", flags.resume);
  if (!record.ok()) return record.status();
  if (record->seeds > 1) {
    flags.run.isa = record->isa;
    flags.run.device = record->device;
    flags.run.precision = record->precision;
    flags.run.settings = record->settings;
    return RunSeeds({flags.resume, record->seed, record->seeds, flags.run.threads,
                     absl::StrCat(flags.resume, "/", record->file), record->search,
                     PassedOn(flags.run), flags.json});
  }
  absl::StatusOr<LoadedSearch> search = LoadToResume(flags.resume, *record, flags.run);
  if (!search.ok()) return search.status();
  absl::StatusOr<Study> study = PrepareStudy(search->config);
  if (!study.ok()) return study.status();
  return InResumedFolder(flags.run, flags.resume, *record, [&](const RunContext& run) {
    return SearchIn(*study, run, /*resume=*/true, flags.json);
  });
}

absl::Status Search(Flags flags) {
  if (!flags.resume.empty()) return Resume(flags);
  if (flags.file.empty()) {
    return absl::InvalidArgumentError(
        "name a .space file that declares searches, or a run to go on with: --resume RUN");
  }
  absl::StatusOr<LoadedSearch> search =
      LoadSearch(flags.file, flags.search, flags.seed, flags.run.settings);
  if (!search.ok()) return search.status();
  if (flags.go_on) {
    const std::optional<std::string> stopped = FindUnfinished(flags.run, *search, flags.seeds);
    if (stopped.has_value()) {
      std::fprintf(stderr, "nasc: going on with %s, which was stopped; --fresh begins anew\n",
                   stopped->c_str());
      flags.resume = *stopped;
      return Resume(flags);
    }
  }
  // Not before: what goes on computes as it did.
  RunRecord record;
  record.command = "search";
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  if (flags.run.memory > 0) search->config.memory = flags.run.memory;
  record.scale = search->config.final_scale;
  if (flags.seeds > 1) return SearchSeeds(flags, record, *std::move(search));
  absl::StatusOr<Study> study = PrepareStudy(search->config);
  if (!study.ok()) return study.status();
  return InRunFolder(flags.run, record, *search, [&](const RunContext& run) {
    return SearchIn(*study, run, /*resume=*/false, flags.json);
  });
}

void AppendOptions(absl::string_view title, absl::string_view doc,
                   const std::vector<OptionSpec>& specs, std::string* text) {
  absl::StrAppend(text, "\n  ", title, ": ", doc, "\n");
  for (const OptionSpec& spec : specs) {
    const std::string fallback =
        spec.kind == OptionSpec::Kind::kText    ? absl::StrCat("\"", spec.text, "\"")
        : spec.kind == OptionSpec::Kind::kTruth ? (spec.number != 0 ? "on" : "off")
                                                : absl::StrCat(spec.number);
    const std::string choices =
        spec.choices.empty() ? ""
                             : absl::StrCat(": \"", absl::StrJoin(spec.choices, "\", \""), "\"");
    absl::StrAppendFormat(text, "    %-15s %s%s (default %s)\n", spec.name, spec.doc, choices,
                          fallback);
  }
}

// What a declaration may say, from the tables that read it.
std::string DeclarationHelp() {
  std::string text = "What a search declaration may set:\n";
  for (const DatasetInfo& info : KnownDatasets()) {
    AppendOptions("data " + info.name, info.doc, info.options, &text);
  }
  for (const StrategyInfo* info : KnownStrategies()) {
    AppendOptions("strategy " + info->name, info->doc, info->options, &text);
  }
  for (const SchedulerInfo* info : KnownSchedulers()) {
    AppendOptions("schedule " + info->name, info->doc, info->options, &text);
  }
  AppendOptions("fidelity PART",
                "what an evaluation is that counts as a part of a trial, and `scale` it takes",
                FidelityOptionSpecs(), &text);
  for (const EvaluatorInfo* info : KnownEvaluators()) {
    AppendOptions("evaluate " + info->name, info->doc, EvaluateOptionSpecs(*info), &text);
  }
  AppendOptions("latency", "how the measure `latency` of an objective is taken",
                LatencyOptionSpecs(), &text);
  AppendOptions("train sgd", "how weights are trained", SgdOptionSpecs(), &text);
  AppendOptions("final", "how the architecture that was found is trained", FinalOptionSpecs(),
                &text);
  return text + "\nExample: nasc search examples/darts/search.space quick --seed 7";
}

}  // namespace

Action AddSearch(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches");
  app.add_option("SEARCH", flags->search, "which of them; needed where there are several");
  app.add_option("--seed", flags->seed, "instead of the declared one")
      ->check(WholeNumber(0, kGreatestCount));
  app.add_option("--seeds", flags->seeds,
                 "so many searches, with the seed and those that follow it, as many at a time as "
                 "the machine has threads; what they found is told with its interval")
      ->check(WholeNumber(1, 100000));
  CLI::Option* resume =
      app.add_option("--resume", flags->resume,
                     "go on with a run that was stopped, such as runs/quick, instead of a new one")
          ->excludes("--seed")
          ->excludes("--seeds");
  app.add_flag("--continue,!--fresh", flags->go_on,
               "go on with the last run of the same search, seed and settings that was stopped, "
               "where there is one; --fresh, the default, begins a new one")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_flag("--json", flags->json, "print the summary as JSON");
  AddSettingFlag(app, flags->run)->excludes(resume);
  AddRunFlags(app, flags->run);
  app.footer(DeclarationHelp());
  return [flags] { return Search(*flags); };
}

}  // namespace nasc
