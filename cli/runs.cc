#include <algorithm>
#include <cstdio>
#include <filesystem>
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
#include "cli/flags.h"
#include "cli/run_config.h"
#include "cli/summary.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"
#include "strategies/trial_store.h"
#include "strategies/trial_study.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

struct Flags {
  std::string folder;
  std::string runs = "runs";
  std::string search = "search";
  std::string format = "tsv";
  std::string output;
  int64_t top = 10;
  bool json = false;
};

// A run as its folder tells of it.
struct Run {
  std::string path;
  RunRecord record;
  std::optional<JsonObject> summary;  // of one that ended
  int64_t trials = 0;                 // recorded, of the search itself
};

absl::StatusOr<JsonObject> ReadJsonFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFileToString(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<JsonObject> json = ParseJson(*text);
  if (json.ok()) return json;
  return absl::Status(json.status().code(), absl::StrCat(path, ": ", json.status().message()));
}

absl::StatusOr<Run> ReadRun(const std::string& path) {
  Run run;
  run.path = path;
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(path, "/", kRunConfigFile));
  if (!record.ok()) return record.status();
  run.record = *record;
  std::error_code error;
  const std::string summary = absl::StrCat(path, "/", kSummaryFile);
  if (fs::exists(summary, error)) {
    absl::StatusOr<JsonObject> json = ReadJsonFile(summary);
    if (!json.ok()) return json.status();
    run.summary = *std::move(json);
  }
  const std::string trials = absl::StrCat(path, "/", kTrialsFile);
  if (fs::exists(trials, error)) {
    absl::StatusOr<TrialStore> store = TrialStore::OpenToRead(trials);
    if (!store.ok()) return store.status();
    const absl::Status status = store->ForEach("search", [&](const TrialStore::Record& record) {
      run.trials = record.trial.number;
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return run;
}

// "test accuracy 0.8123 (random 0.8011)"
std::string FigureText(const Run& run) {
  if (!run.summary.has_value()) return run.trials > 0 ? absl::StrCat(run.trials, " trials") : "";
  const absl::StatusOr<JsonObject> figure = run.summary->Object("figure");
  if (!figure.ok()) {
    // Several seeds say what they found on the whole.
    return run.summary->Text("verdict").value_or("");
  }
  const absl::StatusOr<std::string> name = figure->Text("name");
  const absl::StatusOr<double> found = figure->Number("found");
  if (!name.ok() || !found.ok()) return "";
  std::string text = absl::StrFormat("%s %.6g", *name, *found);
  const absl::StatusOr<double> random = figure->Number("random");
  if (random.ok()) absl::StrAppendFormat(&text, " (random %.6g)", *random);
  return text;
}

const char* StateOf(const Run& run) {
  if (run.record.command != "search") return "-";
  return run.summary.has_value() ? "ended" : "stopped or running";
}

absl::Status List(const Flags& flags) {
  std::error_code error;
  if (!fs::is_directory(flags.runs, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no folder ", flags.runs, " of runs; --runs names another"));
  }
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(flags.runs, error)) {
    if (fs::exists(entry.path() / kRunConfigFile, error)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  size_t width = 3;
  std::vector<Run> runs;
  for (const std::string& path : paths) {
    absl::StatusOr<Run> run = ReadRun(path);
    if (!run.ok()) {
      std::fprintf(stderr, "nasc: %s\n", std::string(run.status().message()).c_str());
      continue;
    }
    width = std::max(width, path.size());
    runs.push_back(*std::move(run));
  }
  if (!flags.json) {
    std::printf("%-*s %-8s %-16s %-6s %-18s %s\n", static_cast<int>(width), "run", "command",
                "search", "seed", "state", "result");
  }
  for (const Run& run : runs) {
    const std::string seed = run.record.seeds > 1
                                 ? absl::StrCat(run.record.seed, "+", run.record.seeds)
                                 : absl::StrCat(run.record.seed);
    if (flags.json) {
      std::printf("%s\n", JsonLine({{"run", run.path},
                                    {"command", run.record.command},
                                    {"search", run.record.search},
                                    {"seed", run.record.seed},
                                    {"seeds", run.record.seeds},
                                    {"ended", run.summary.has_value()},
                                    {"trials", run.trials},
                                    {"result", FigureText(run)}})
                              .c_str());
    } else {
      std::printf("%-*s %-8s %-16s %-6s %-18s %s\n", static_cast<int>(width), run.path.c_str(),
                  run.record.command.c_str(), run.record.search.c_str(), seed.c_str(), StateOf(run),
                  FigureText(run).c_str());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TrialStore> OpenTrials(const std::string& folder) {
  absl::StatusOr<Run> run = ReadRun(folder);
  if (!run.ok()) return run.status();
  const std::string path = absl::StrCat(folder, "/", kTrialsFile);
  std::error_code error;
  if (!fs::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(
        folder, run->record.seeds > 1 ? absl::StrCat(" holds a run a seed; name one, such as ",
                                                     folder, "/seed-", run->record.seed)
                                      : " records no trials: its strategy trains one supernet"));
  }
  return TrialStore::OpenToRead(path);
}

// An architecture on one line, as `evaluate table` reads it.
std::string OnOneLine(const std::string& text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipWhitespace());
  for (absl::string_view& line : lines) line = absl::StripAsciiWhitespace(line);
  return absl::StrJoin(lines, " ");
}

absl::Status Show(const Flags& flags) {
  absl::StatusOr<Run> run = ReadRun(flags.folder);
  if (!run.ok()) return run.status();
  if (flags.json) {
    if (!run->summary.has_value()) {
      return absl::NotFoundError(
          absl::StrCat(flags.folder, " has not ended: it has no ", kSummaryFile, " yet"));
    }
    std::fputs(JsonDocument(run->summary->fields()).c_str(), stdout);
    return absl::OkStatus();
  }
  std::printf("run       %s\ncommand   %s\nsearch    %s of %s\nseed      %llu\nstate     %s\n",
              run->path.c_str(), run->record.command.c_str(), run->record.search.c_str(),
              run->record.file.c_str(), static_cast<unsigned long long>(run->record.seed),
              StateOf(*run));
  const std::string figure = FigureText(*run);
  if (!figure.empty()) std::printf("result    %s\n", figure.c_str());
  std::error_code error;
  if (!fs::exists(absl::StrCat(flags.folder, "/", kTrialsFile), error)) return absl::OkStatus();
  absl::StatusOr<TrialStore> store = OpenTrials(flags.folder);
  if (!store.ok()) return store.status();
  for (const char* fact : {"strategy", "scheduler", "evaluator", "objectives"}) {
    const auto it = store->facts().find(fact);
    if (it != store->facts().end() && !it->second.empty()) {
      std::printf("%-9s %s\n", fact, it->second.c_str());
    }
  }
  std::vector<TrialStore::Record> best;
  int64_t evaluated = 0;
  const auto better = [](const TrialStore::Record& a, const TrialStore::Record& b) {
    return a.trial.objectives[0] > b.trial.objectives[0];
  };
  const absl::Status status =
      store->ForEach(flags.search, [&](const TrialStore::Record& record) -> absl::Status {
        if (record.trial.same_as > 0) return absl::OkStatus();
        ++evaluated;
        best.insert(std::upper_bound(best.begin(), best.end(), record, better), record);
        if (static_cast<int64_t>(best.size()) > flags.top) best.pop_back();
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  std::printf("trials    %lld, %lld evaluated\n\nbest\n", static_cast<long long>(run->trials),
              static_cast<long long>(evaluated));
  for (const TrialStore::Record& record : best) {
    std::string line = absl::StrFormat("  trial %-7d", record.trial.number);
    for (size_t i = 0; i < store->measures().size(); ++i) {
      absl::StrAppendFormat(&line, "  %s %.6g", store->measures()[i], record.trial.values[i]);
    }
    std::printf("%s\n    %s\n", line.c_str(), OnOneLine(record.text).c_str());
  }
  return absl::OkStatus();
}

absl::Status Export(const Flags& flags) {
  absl::StatusOr<TrialStore> store = OpenTrials(flags.folder);
  if (!store.ok()) return store.status();
  const bool tsv = flags.format == "tsv";
  std::string text;
  if (tsv) {
    text = "number\tsame_as\tfidelity";
    for (const std::string& measure : store->measures()) absl::StrAppend(&text, "\t", measure);
    text += "\tarchitecture\n";
  }
  FILE* out = stdout;
  if (!flags.output.empty()) {
    out = std::fopen(flags.output.c_str(), "w");
    if (out == nullptr) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", flags.output));
    }
  }
  const auto write = [&](const std::string& piece) {
    return std::fwrite(piece.data(), 1, piece.size(), out) == piece.size();
  };
  bool written = write(text);
  absl::Status status =
      store->ForEach(flags.search, [&](const TrialStore::Record& record) -> absl::Status {
        const Trial& trial = record.trial;
        const std::string architecture = OnOneLine(record.text);
        if (tsv) {
          std::string line = absl::StrCat(trial.number, "\t", trial.same_as, "\t", trial.fidelity);
          for (double value : trial.values) absl::StrAppendFormat(&line, "\t%.17g", value);
          written = write(absl::StrCat(line, "\t", architecture, "\n"));
        } else {
          JsonFields fields = {
              {"number", trial.number}, {"same_as", trial.same_as}, {"fidelity", trial.fidelity}};
          for (size_t i = 0; i < trial.values.size(); ++i) {
            fields.push_back({store->measures()[i], trial.values[i]});
          }
          fields.push_back({"architecture", architecture});
          written = write(absl::StrCat(JsonLine(fields), "\n"));
        }
        return written ? absl::OkStatus() : absl::DataLossError("");
      });
  if (!flags.output.empty() && std::fclose(out) != 0) written = false;
  if (!written) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot write ", flags.output.empty() ? "the trials" : flags.output));
  }
  return status;
}

}  // namespace

Action AddRuns(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.require_subcommand(1);
  CLI::App* list = app.add_subcommand("list", "the runs of a folder, a line each");
  list->add_option("--runs", flags->runs, "the folder")->capture_default_str();
  list->add_flag("--json", flags->json, "print a JSON line a run");
  CLI::App* show = app.add_subcommand("show", "what a run is, and its best trials");
  show->add_option("RUN", flags->folder, "a run folder, such as runs/quick")->required();
  show->add_option("--top", flags->top, "so many trials")
      ->check(WholeNumber(1, kGreatestCount))
      ->capture_default_str();
  show->add_option("--search", flags->search, "whose trials: search, or random beside it")
      ->check(CLI::IsMember({"search", "random"}))
      ->capture_default_str();
  show->add_flag("--json", flags->json, "print the summary of a run that ended as JSON");
  CLI::App* all = app.add_subcommand("export", "every trial of a run");
  all->add_option("RUN", flags->folder, "a run folder, such as runs/quick")->required();
  all->add_option("--format", flags->format, "tsv, or jsonl: a JSON object a line")
      ->check(CLI::IsMember({"tsv", "jsonl"}))
      ->capture_default_str();
  all->add_option("--search", flags->search, "whose trials: search, or random beside it")
      ->check(CLI::IsMember({"search", "random"}))
      ->capture_default_str();
  all->add_option("--output", flags->output, "a file; by default standard output");
  return [flags, list, show] {
    if (list->parsed()) return List(*flags);
    return show->parsed() ? Show(*flags) : Export(*flags);
  };
}

}  // namespace nasc
