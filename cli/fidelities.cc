#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "runtime/run/interrupt.h"
#include "runtime/run/json.h"
#include "runtime/run/progress.h"
#include "strategies/evaluate/rank_correlation.h"
#include "strategies/fidelity_ranks.h"
#include "strategies/study.h"
#include "strategies/trial_study.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  int64_t count = 20;
  int64_t seed = -1;
  bool json = false;
  RunFlags run;
};

std::string Name(const Fidelity& fidelity) { return absl::StrFormat("%.4g", fidelity.part); }

std::string Table(const FidelityRanks& ranks) {
  std::string text = absl::StrFormat(
      "Rank correlation of %s with a whole trial, over %d architectures drawn at random\n\n"
      "%8s  %8s  %6s  %8s  %8s  %s\n",
      ranks.measure, ranks.architectures.size(), "fidelity", "seconds", "share", "Spearman",
      "Kendall", "what it is");
  const std::vector<double>& whole = ranks.scores.back();
  for (size_t f = 0; f < ranks.fidelities.size(); ++f) {
    const bool last = f + 1 == ranks.fidelities.size();
    absl::StrAppendFormat(
        &text, "%8s  %8.2f  %5.1f%%  %8.3f  %8.3f  %s\n", Name(ranks.fidelities[f]),
        ranks.seconds[f], 100 * ranks.seconds[f] / ranks.seconds.back(),
        RankCorrelation(ranks.scores[f], whole), KendallCorrelation(ranks.scores[f], whole),
        last ? "a whole trial" : Print(ranks.fidelities[f]));
  }
  absl::StrAppend(&text, "\nSpearman's between them\n\n        ");
  for (const Fidelity& fidelity : ranks.fidelities) {
    absl::StrAppendFormat(&text, "  %8s", Name(fidelity));
  }
  for (size_t f = 0; f < ranks.fidelities.size(); ++f) {
    absl::StrAppendFormat(&text, "\n%8s", Name(ranks.fidelities[f]));
    for (const std::vector<double>& scores : ranks.scores) {
      absl::StrAppendFormat(&text, "  %8.3f", RankCorrelation(ranks.scores[f], scores));
    }
  }
  return text + "\n";
}

std::string JsonLines(const FidelityRanks& ranks) {
  std::string text;
  for (size_t a = 0; a < ranks.architectures.size(); ++a) {
    std::vector<double> scores;
    for (const std::vector<double>& at_fidelity : ranks.scores) scores.push_back(at_fidelity[a]);
    absl::StrAppend(
        &text, JsonLine({{"architecture", ranks.architectures[a]}, {ranks.measure, scores}}), "\n");
  }
  for (size_t f = 0; f < ranks.fidelities.size(); ++f) {
    const Fidelity& fidelity = ranks.fidelities[f];
    std::vector<double> between;
    for (const std::vector<double>& scores : ranks.scores) {
      between.push_back(RankCorrelation(ranks.scores[f], scores));
    }
    absl::StrAppend(&text,
                    JsonLine({{"fidelity", fidelity.part},
                              {"what", Print(fidelity)},
                              {"seconds", ranks.seconds[f]},
                              {"share", ranks.seconds[f] / ranks.seconds.back()},
                              {"spearman", between.back()},
                              {"kendall", KendallCorrelation(ranks.scores[f], ranks.scores.back())},
                              {"spearman_between", between}}),
                    "\n");
  }
  return text;
}

absl::Status Fidelities(const Flags& flags) {
  RunRecord record;
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, flags.seed);
  if (!search.ok()) return search.status();
  SearchConfig& config = search->config;
  if (flags.run.memory > 0) config.memory = flags.run.memory;
  if (config.fidelities.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("search ", config.name,
                     " declares no fidelities; add lines such as `fidelity 1/9 { epochs = 1/9 }`"));
  }
  // An evaluator that takes fidelities takes data.
  const absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  const absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, config.scale, &*task);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<TrialStudy> study = TrialStudy::Prepare(config, *supernet, &*task);
  if (!study.ok()) return study.status();

  Progress progress(stderr, Progress::IsTerminal(stderr), flags.run.quiet);
  progress.Begin("evaluations", flags.count * static_cast<int64_t>(config.fidelities.size() + 1));
  const absl::StatusOr<FidelityRanks> ranks =
      RankByFidelities(config, *study, flags.count, [&](int64_t done) -> absl::Status {
        progress.Update(done, "");
        if (Interrupted()) return absl::CancelledError("stopped: nothing was measured");
        return absl::OkStatus();
      });
  if (!ranks.ok()) return ranks.status();
  progress.End("");
  std::fputs((flags.json ? JsonLines(*ranks) : Table(*ranks)).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

Action AddFidelities(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches")->required();
  app.add_option("SEARCH", flags->search,
                 "whose `fidelity` lines are measured; needed where there are several");
  app.add_option("--count", flags->count, "how many architectures are drawn and evaluated")
      ->check(WholeNumber(2, 100000))
      ->capture_default_str();
  app.add_option("--seed", flags->seed, "instead of the declared one")
      ->check(WholeNumber(0, kGreatestCount));
  app.add_flag("--json", flags->json, "print JSON: a line an architecture, then one a fidelity");
  AddComputeFlags(app, flags->run);
  return [flags] { return Fidelities(*flags); };
}

}  // namespace nasc
