#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "cli/summary.h"
#include "runtime/random/random.h"
#include "runtime/run/json.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/rank_correlation.h"
#include "strategies/one_shot/one_shot_search.h"
#include "strategies/registry.h"
#include "strategies/study.h"
#include "strategies/trial/decision_space.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::vector<std::string> searches;
  std::string rank;
  int64_t count = 30;
  int64_t seed = -1;
  bool json = false;
  RunFlags run;
};

std::string Line(const std::string& search, const Study& study, const Study::Summary& summary,
                 double seconds, bool json) {
  const Figure figure = FigureOf(study.config(), summary.found);
  std::optional<double> random;
  if (summary.random.has_value()) random = FigureOf(study.config(), *summary.random).value;
  if (json) {
    JsonFields fields = {{"search", search},
                         {"strategy", study.config().strategy},
                         {"seconds", seconds},
                         {"figure", figure.name},
                         {"found", figure.value}};
    if (random.has_value()) fields.push_back({"random", *random});
    fields.push_back({"alarms", summary.alarms});
    return JsonLine(fields) + "\n";
  }
  std::string line = absl::StrFormat("%-14s %-12s %8.1f  %10.4f  %10s  %s\n", search,
                                     study.config().strategy, seconds, figure.value,
                                     random.has_value() ? absl::StrFormat("%.4f", *random) : "",
                                     absl::StrJoin(summary.alarms, "; "));
  return line;
}

// How well the shared weights of a search that has ended order architectures that are then trained
// alone: each as its `final` line says.
absl::Status RankArchitectures(const Flags& flags, Study& study, const RunContext& run) {
  const SearchConfig& config = study.config();
  const EvaluatorInfo* info = FindEvaluator("shared");
  if (info == nullptr) return absl::NotFoundError("this driver has no evaluator `shared`");
  std::vector<OptionSpec> specs = info->options;
  for (OptionSpec& spec : specs) {
    if (spec.name == "weights") spec.text = run.folder.File(kSupernetFile);
  }
  Diagnostics diagnostics;
  const Options options = ReadOptions("evaluate shared", specs, {}, diagnostics);
  absl::StatusOr<std::unique_ptr<Evaluator>> shared = info->make(
      {study.supernet(), study.task(), config.train, 0, config.seed, config.memory}, options);
  if (!shared.ok()) return shared.status();

  const DecisionSpace space(study.supernet());
  Rng rng(HashSeed(config.seed, "rank correlation"));
  std::set<ArchitectureCode> drawn;
  std::vector<double> scores;
  std::vector<double> trained;
  constexpr int64_t kDraws = 100;  // of one that is not there yet; a small space has no more
  for (int64_t draws = 0; draws < kDraws && static_cast<int64_t>(drawn.size()) < flags.count;) {
    const ArchitectureCode code = space.Draw(rng);
    if (!drawn.insert(code).second) {
      ++draws;
      continue;
    }
    const Architecture architecture = space.Decode(code);
    std::vector<double> values((*shared)->measures().size());
    const absl::Status scored =
        (*shared)->Evaluate({architecture, 0, 1, nullptr}, absl::MakeSpan(values));
    if (!scored.ok()) return scored;
    const std::string label = absl::StrCat("alone-", drawn.size());
    const absl::StatusOr<TrainedNetwork> alone = study.TrainFinal(label, architecture, run);
    if (!alone.ok()) return alone.status();
    scores.push_back(values[0]);
    trained.push_back(alone->score.quality);
    if (flags.json) {
      std::printf("%s\n", JsonLine({{"architecture", Print(architecture, study.supernet())},
                                    {"shared_weights", values[0]},
                                    {"trained_alone", alone->score.quality}})
                              .c_str());
    }
  }
  const double spearman = RankCorrelation(scores, trained);
  const double kendall = KendallCorrelation(scores, trained);
  if (flags.json) {
    std::printf("%s\n", JsonLine({{"rank_correlation_of", config.name},
                                  {"architectures", scores.size()},
                                  {"spearman", spearman},
                                  {"kendall", kendall}})
                            .c_str());
  } else {
    std::printf(
        "\nRank correlation of scores with the shared weights of `%s` and test results of training "
        "alone,\nover %zu architectures drawn at random: Spearman %.3f, Kendall %.3f\n",
        config.name.c_str(), scores.size(), spearman, kendall);
  }
  return absl::OkStatus();
}

absl::Status Compare(const Flags& flags) {
  RunRecord record;
  record.command = "search";
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  const std::vector<std::string> names =
      flags.searches.empty() ? SearchNames(sources->root()) : flags.searches;
  if (!flags.rank.empty()) {
    const absl::StatusOr<const ast::SearchDecl*> ranked = FindSearch(sources->root(), flags.rank);
    if (!ranked.ok()) return ranked.status();
    if (!absl::c_linear_search(names, flags.rank)) {
      std::fprintf(stderr, "%s does not run here: nothing is ranked\n", flags.rank.c_str());
    }
  }
  bool first = true;
  for (const std::string& name : names) {
    absl::StatusOr<LoadedSearch> search =
        LoadSearch(flags.file, name, flags.seed, flags.run.settings);
    if (!search.ok()) return search.status();
    if (flags.run.memory > 0) search->config.memory = flags.run.memory;
    record.scale = search->config.final_scale;
    if (search->config.final_scale.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "search ", name, " has no `final` line: what was found is compared when it is trained"));
    }
    absl::StatusOr<Study> study = PrepareStudy(search->config);
    if (!study.ok()) return study.status();
    const absl::Status status =
        InRunFolder(flags.run, record, *search, [&](const RunContext& run) -> absl::Status {
          const absl::Time begin = absl::Now();
          absl::StatusOr<Study::Summary> summary = study->Run(run, /*resume=*/false);
          if (!summary.ok()) return summary.status();
          const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
          const absl::Status written = run.folder.WriteText(
              kSummaryFile, JsonDocument(SummaryJson(*study, *summary, run.folder.path())));
          if (!written.ok()) return written;
          if (first && !flags.json) {
            std::printf("%-14s %-12s %8s  %10s  %10s  %s\n", "search", "strategy", "seconds",
                        "found", "random", "");
          }
          first = false;
          std::fputs(Line(name, *study, *summary, seconds, flags.json).c_str(), stdout);
          std::fflush(stdout);
          return name == flags.rank ? RankArchitectures(flags, *study, run) : absl::OkStatus();
        });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

Action AddCompare(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches with `final` lines")
      ->required();
  app.add_option("SEARCHES", flags->searches, "which of them; by default all");
  app.add_option("--rank", flags->rank,
                 "a one-shot search of them: also how well its shared weights order architectures "
                 "that are then trained alone");
  app.add_option("--count", flags->count, "how many architectures --rank trains")
      ->check(WholeNumber(2, 100000))
      ->capture_default_str();
  app.add_option("--seed", flags->seed, "instead of the declared ones")
      ->check(WholeNumber(0, kGreatestCount));
  app.add_flag("--json", flags->json, "print a JSON line a search");
  AddSettingFlag(app, flags->run);
  AddRunFlags(app, flags->run);
  return [flags] { return Compare(*flags); };
}

}  // namespace nasc
