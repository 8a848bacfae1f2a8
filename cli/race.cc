#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/flags.h"
#include "cli/race_page.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "runtime/macs.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/interrupt.h"
#include "runtime/run/json.h"
#include "strategies/one_shot/one_shot_search.h"
#include "strategies/registry.h"
#include "strategies/study.h"
#include "strategies/trial_study.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::vector<std::string> searches;
  double target = 0;
  int64_t seeds = 3;
  int64_t first_seed = 1;
  std::string output = "race.html";
  bool json = false;
  RunFlags run;
};

// What a stretch of the program took.
class Meter {
 public:
  void Start() {
    clock_ = std::clock();
    macs_ = MacsRun();
  }
  void Stop(Heat& heat) const {
    heat.seconds += static_cast<double>(std::clock() - clock_) / CLOCKS_PER_SEC;
    heat.macs += MacsRun() - macs_;
  }

 private:
  std::clock_t clock_ = 0;
  int64_t macs_ = 0;
};

// Searches of a file against the same target. Final networks are functions of the architecture and
// the seed, so each is trained once.
class Race {
 public:
  explicit Race(const Flags& flags) : flags_(flags) {}

  absl::StatusOr<Heat> Run(const std::string& name, uint64_t seed, const RunRecord& record) {
    absl::StatusOr<LoadedSearch> search = LoadSearch(flags_.file, name, static_cast<int64_t>(seed));
    if (!search.ok()) return search.status();
    SearchConfig& config = search->config;
    if (config.final_scale.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "search ", name, " has no `final` line: what is found reaches the target when trained"));
    }
    Heat heat;
    heat.search = name;
    heat.strategy = config.strategy;
    heat.seed = seed;
    const absl::Status status = FindStrategy(config.strategy)->make_trial != nullptr
                                    ? RunTrials(*search, record, heat)
                                    : RunOneShot(*search, record, heat);
    if (!status.ok()) return status;
    return heat;
  }

 private:
  // A run folder under the search's name, with a number where that is taken.
  absl::Status InFolder(const LoadedSearch& search, RunRecord record,
                        const std::function<absl::Status(const RunContext&)>& body) const {
    RunFlags flags = flags_.run;
    flags.name.clear();
    record.scale = search.config.final_scale;
    return InRunFolder(flags, std::move(record), search, body);
  }

  // Whether the network of an architecture reaches the target.
  absl::StatusOr<bool> Reaches(Study& study, const Architecture& architecture,
                               const RunContext& run, Heat& heat) {
    const std::string key =
        absl::StrCat(heat.seed, " ", Print(architecture, *study.final_supernet()));
    auto it = finals_.find(key);
    if (it == finals_.end()) {
      const absl::StatusOr<TrainedNetwork> trained =
          study.TrainFinal(absl::StrCat("final-", finals_.size() + 1), architecture, run);
      if (!trained.ok()) return trained.status();
      it = finals_.emplace(key, trained->score.quality).first;
    }
    heat.accuracy = std::max(heat.accuracy, it->second);
    heat.reached = it->second >= flags_.target;
    return heat.reached;
  }

  absl::Status RunTrials(const LoadedSearch& search, const RunRecord& record, Heat& heat) {
    const SearchConfig& config = search.config;
    absl::StatusOr<Study> study = PrepareStudy(config);
    if (!study.ok()) return study.status();
    return InFolder(search, record, [&](const RunContext& run) -> absl::Status {
      absl::StatusOr<TrialStudy> trials =
          TrialStudy::Prepare(study->config(), study->supernet(), study->task());
      if (!trials.ok()) return trials.status();
      absl::StatusOr<std::unique_ptr<TrialStudy::Running>> running =
          trials->Begin(config.strategy, config.budget.trials, config.seed);
      if (!running.ok()) return running.status();
      TrialSearch& loop = *(*running)->search;
      Meter meter;
      while (!heat.reached) {
        if (Interrupted()) return absl::CancelledError("stopped");
        meter.Start();
        const absl::StatusOr<bool> more = loop.Step(&run);
        meter.Stop(heat);
        if (!more.ok()) return more.status();
        if (!*more) break;
        heat.trials = loop.trials();
        if (loop.front().empty() || loop.front().back().number != loop.last().number) continue;
        const absl::StatusOr<bool> reached =
            Reaches(*study, trials->space().Decode(loop.last().architecture), run, heat);
        if (!reached.ok()) return reached.status();
      }
      return absl::OkStatus();
    });
  }

  absl::Status RunOneShot(LoadedSearch& search, const RunRecord& record, Heat& heat) {
    const Budget whole = search.config.budget;
    for (const int64_t part : {4, 2, 1}) {
      SearchConfig& config = search.config;
      config.budget.epochs = std::max<int64_t>(whole.epochs > 0 ? 1 : 0, whole.epochs / part);
      config.budget.steps = std::max<int64_t>(whole.steps > 0 ? 1 : 0, whole.steps / part);
      absl::StatusOr<Study> study = PrepareStudy(config);
      if (!study.ok()) return study.status();
      heat.steps = config.budget.StepsFor(study->task()->size(Task::Part::kSearch) /
                                          config.train.Whole("batch"));
      heat.seconds = 0;
      heat.macs = 0;
      const absl::Status status =
          InFolder(search, record, [&](const RunContext& run) -> absl::Status {
            Meter meter;
            meter.Start();
            const absl::StatusOr<Architecture> found =
                SearchOneShot({study->config(), study->supernet(), *study->task()}, run,
                              /*resume=*/false);
            meter.Stop(heat);
            if (!found.ok()) return found.status();
            return Reaches(*study, *found, run, heat).status();
          });
      if (!status.ok() || heat.reached) return status;
    }
    return absl::OkStatus();
  }

  const Flags& flags_;
  std::map<std::string, double> finals_;  // test accuracy by seed and architecture
};

// Heats that ended, a JSON line each, so that a race that was cut goes on with those that did not.
class HeatLog {
 public:
  // `facts` are what heats must agree in.
  static absl::StatusOr<HeatLog> Open(const std::string& path, const JsonFields& facts) {
    HeatLog log(path, JsonLine(facts) + "\n");
    const absl::StatusOr<std::string> text = ReadFileToString(path);
    if (absl::IsNotFound(text.status())) return log;
    if (!text.ok()) return text.status();
    const std::vector<std::string> lines = absl::StrSplit(*text, '\n', absl::SkipEmpty());
    if (lines.empty() || lines[0] + "\n" != log.text_) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is of another race: give another --output, or remove it"));
    }
    for (size_t i = 1; i < lines.size(); ++i) {
      const absl::StatusOr<JsonObject> object = ParseJson(lines[i]);
      absl::StatusOr<Heat> heat = object.ok() ? ReadHeat(*object) : object.status();
      if (!heat.ok()) {
        return absl::DataLossError(
            absl::StrCat(path, ": line ", i + 1, ": ", heat.status().message()));
      }
      log.Keep(*heat);
    }
    return log;
  }

  const Heat* Find(const std::string& search, uint64_t seed) const {
    const auto it = heats_.find({search, seed});
    return it == heats_.end() ? nullptr : &it->second;
  }

  absl::Status Add(const Heat& heat) {
    Keep(heat);
    return WriteFileAtomically(path_, text_);
  }

 private:
  HeatLog(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  void Keep(const Heat& heat) {
    absl::StrAppend(&text_, JsonLine(HeatJson(heat)), "\n");
    heats_[{heat.search, heat.seed}] = heat;
  }

  std::string path_;
  std::string text_;
  std::map<std::pair<std::string, uint64_t>, Heat> heats_;
};

absl::Status RunRace(const Flags& flags) {
  RunRecord record;
  record.command = "search";
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  const std::vector<std::string> names =
      flags.searches.empty() ? SearchNames(sources->root()) : flags.searches;
  RaceResult result;
  result.command = absl::StrFormat("nasc race %s %s --target %g --seeds %d --seed %d --threads %d",
                                   flags.file, absl::StrJoin(names, " "), flags.target, flags.seeds,
                                   flags.first_seed, record.threads);
  result.facts =
      absl::StrCat(record.threads, record.threads == 1 ? " thread, " : " threads, ", record.isa);
  result.target = flags.target;
  result.seeds = flags.seeds;
  std::vector<std::string> texts;  // of the file and of all that it imports
  for (const auto& module : sources->modules()) texts.push_back(module->file.source->text());
  const std::string log_path = absl::StrCat(flags.output, ".jsonl");
  absl::StatusOr<HeatLog> log =
      HeatLog::Open(log_path, {{"files", texts}, {"target", flags.target}, {"on", result.facts}});
  if (!log.ok()) return log.status();
  Race race(flags);
  for (const std::string& name : names) {
    for (int64_t i = 0; i < flags.seeds; ++i) {
      const auto seed = static_cast<uint64_t>(flags.first_seed + i);
      const Heat* known = log->Find(name, seed);
      if (known == nullptr) {
        absl::StatusOr<Heat> heat = race.Run(name, seed, record);
        if (absl::IsCancelled(heat.status())) {
          return absl::CancelledError(absl::StrCat("stopped; the heats that ended are in ",
                                                   log_path,
                                                   ": the same command goes on with the others"));
        }
        if (!heat.ok()) return heat.status();
        if (absl::Status status = log->Add(*heat); !status.ok()) return status;
        known = log->Find(name, seed);
      }
      result.heats.push_back(*known);
      if (flags.json) std::printf("%s\n", JsonLine(HeatJson(*known)).c_str());
    }
  }
  if (absl::Status status = WriteFileAtomically(flags.output, RacePage(result)); !status.ok()) {
    return status;
  }
  if (!flags.json) std::fputs(RaceTable(result).c_str(), stdout);
  std::fprintf(stderr, "the page is %s\n", flags.output.c_str());
  return absl::OkStatus();
}

}  // namespace

Action AddRace(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches with `final` lines")
      ->required();
  app.add_option("SEARCHES", flags->searches, "which of them; by default all");
  app.add_option("--target", flags->target, "the accuracy on the test images to reach, such as 0.9")
      ->required()
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--seeds", flags->seeds, "how many seeds each search runs with")
      ->check(WholeNumber(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", flags->first_seed, "the first of them")
      ->check(WholeNumber(0, kGreatestCount))
      ->capture_default_str();
  app.add_option("--output", flags->output,
                 "the page to write; beside it, in OUTPUT.jsonl, what ended so far")
      ->capture_default_str();
  app.add_flag("--json", flags->json, "print a JSON line a search and seed");
  AddRunFlags(app, flags->run);
  return [flags] { return RunRace(*flags); };
}

}  // namespace nasc
