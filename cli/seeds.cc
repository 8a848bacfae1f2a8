#include "cli/seeds.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cli/summary.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/interrupt.h"
#include "runtime/run/json.h"
#include "runtime/run/log.h"
#include "runtime/run/progress.h"
#include "runtime/threads.h"
#include "strategies/statistics.h"

extern char** environ;

namespace nasc {
namespace {

namespace fs = std::filesystem;

std::string NameOf(uint64_t seed) { return absl::StrCat("seed-", seed); }

std::string SummaryPath(const SeedRuns& runs, uint64_t seed) {
  return absl::StrCat(runs.folder, "/", NameOf(seed), "/", kSummaryFile);
}

std::string LogPath(const SeedRuns& runs, uint64_t seed) {
  return absl::StrCat(runs.folder, "/", NameOf(seed), ".log");
}

// Starts this program again for one seed.
absl::StatusOr<pid_t> Start(const SeedRuns& runs, uint64_t seed) {
  std::vector<std::string> arguments = {"nasc", "search"};
  const std::string folder = absl::StrCat(runs.folder, "/", NameOf(seed));
  std::error_code error;
  if (fs::exists(folder, error)) {
    arguments.insert(arguments.end(), {"--resume", folder});
  } else {
    arguments.insert(arguments.end(), {runs.file, runs.search, "--seed", absl::StrCat(seed),
                                       "--runs", runs.folder, "--name", NameOf(seed), "--threads",
                                       absl::StrCat(std::max(1, runs.threads))});
    arguments.insert(arguments.end(), runs.flags.begin(), runs.flags.end());
  }
  arguments.push_back("--quiet");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const std::string log = LogPath(runs, seed);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0666);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  // In a process group of its own, so that Ctrl-C reaches it once, from here.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t process = 0;
  const int failed =
      posix_spawn(&process, "/proc/self/exe", &files, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return absl::ErrnoToStatus(failed, "cannot start a run");
  return process;
}

std::string LastLine(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFileToString(path);
  if (!text.ok()) return "";
  std::string last;
  for (absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipWhitespace())) {
    last = std::string(line);
  }
  return last;
}

absl::Status RunAll(const SeedRuns& runs) {
  std::vector<uint64_t> waiting;
  int64_t done = 0;
  for (int64_t i = runs.count; i-- > 0;) {
    const uint64_t seed = runs.first + static_cast<uint64_t>(i);
    std::error_code error;
    if (fs::exists(SummaryPath(runs, seed), error)) {
      ++done;
    } else {
      waiting.push_back(seed);
    }
  }
  const size_t at_once = std::max(1, HardwareThreads() / std::max(1, runs.threads));
  std::map<pid_t, uint64_t> running;
  absl::Status failure;
  bool stopped = false;
  Progress progress(stderr, Progress::IsTerminal(stderr));
  progress.Begin("seeds", runs.count);
  progress.Update(done, "");
  while (!running.empty() || (!waiting.empty() && failure.ok() && !Interrupted())) {
    while (failure.ok() && !Interrupted() && !waiting.empty() && running.size() < at_once) {
      absl::StatusOr<pid_t> process = Start(runs, waiting.back());
      if (!process.ok()) {
        failure = process.status();
        break;
      }
      running[*process] = waiting.back();
      waiting.pop_back();
    }
    if (Interrupted() && !stopped) {
      stopped = true;
      for (const auto& [process, seed] : running) kill(process, SIGINT);
    }
    int status = 0;
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended <= 0) {
      if (ended < 0 && errno == ECHILD) break;
      usleep(20000);
      continue;
    }
    const auto it = running.find(ended);
    if (it == running.end()) continue;
    const uint64_t seed = it->second;
    running.erase(it);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      progress.Update(++done, absl::StrCat("seed ", seed, " ended"));
    } else if (!Interrupted() && failure.ok()) {
      failure = absl::InternalError(absl::StrCat("seed ", seed,
                                                 " failed: ", LastLine(LogPath(runs, seed)),
                                                 "; its output is in ", LogPath(runs, seed)));
    }
  }
  progress.End("");
  if (!failure.ok()) return failure;
  if (Interrupted() || !waiting.empty()) {
    return absl::CancelledError(absl::StrCat("stopped with ", done, " of ", runs.count,
                                             " seeds done; go on with `nasc search --resume ",
                                             runs.folder, "`"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunSeeds(const SeedRuns& runs) {
  // For as long as the seeds run, nobody else goes on with them.
  const absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(runs.folder);
  if (!log.ok()) return log.status();
  absl::Status status = RunAll(runs);
  if (!status.ok()) return status;
  Figure figure;
  std::vector<double> found;
  std::vector<double> random;
  for (int64_t i = 0; i < runs.count; ++i) {
    const std::string path = SummaryPath(runs, runs.first + static_cast<uint64_t>(i));
    absl::StatusOr<std::string> text = ReadFileToString(path);
    if (!text.ok()) return text.status();
    const auto in_file = [&](const absl::Status& error) {
      return absl::Status(error.code(), absl::StrCat(path, ": ", error.message()));
    };
    absl::StatusOr<JsonObject> json = ParseJson(*text);
    if (!json.ok()) return in_file(json.status());
    absl::StatusOr<JsonObject> compared = json->Object("figure");
    if (!compared.ok()) return in_file(compared.status());
    absl::StatusOr<std::string> name = compared->Text("name");
    absl::StatusOr<double> value = compared->Number("found");
    absl::StatusOr<double> scale = compared->Number("scale");
    absl::StatusOr<bool> more = compared->Bool("more_is_better");
    for (const absl::Status& error :
         {name.status(), value.status(), scale.status(), more.status()}) {
      if (!error.ok()) return in_file(error);
    }
    figure = {*name, *value, *scale, *more};
    found.push_back(*value);
    if (compared->Has("random")) {
      absl::StatusOr<double> other = compared->Number("random");
      if (!other.ok()) return in_file(other.status());
      random.push_back(*other);
    }
  }
  const auto estimate_json = [](const std::vector<double>& values) {
    const Estimate estimate = EstimateMean(values);
    return JsonFields{{"mean", estimate.mean},
                      {"sd", estimate.deviation},
                      {"half_width_95", estimate.half_width},
                      {"values", values}};
  };
  JsonFields summary = {{"run", runs.folder},
                        {"figure", figure.name},
                        {"seeds", runs.count},
                        {"first_seed", runs.first},
                        {"found", estimate_json(found)}};
  if (!random.empty()) summary.push_back({"random", estimate_json(random)});
  const std::string verdict = random.empty() ? "" : VerdictText(figure, found, random);
  if (!random.empty()) summary.push_back({"verdict", verdict});
  status = WriteFileAtomically(absl::StrCat(runs.folder, "/", kSummaryFile), JsonDocument(summary));
  if (!status.ok()) return status;
  if (runs.json) {
    std::fputs(JsonDocument(summary).c_str(), stdout);
    return absl::OkStatus();
  }
  const auto line = [&](const char* label, const std::vector<double>& values) {
    const Estimate estimate = EstimateMean(values);
    std::printf("%-14s %s %.6g   sd %.4g   95%% interval +-%.4g\n", label, figure.name.c_str(),
                estimate.mean, estimate.deviation, estimate.half_width);
  };
  std::printf("\n%lld seeds, from %llu on\n", static_cast<long long>(runs.count),
              static_cast<unsigned long long>(runs.first));
  line("search", found);
  if (!random.empty()) {
    line("random search", random);
    std::printf("\n%s\n", verdict.c_str());
  }
  std::printf("Everything is in %s\n", runs.folder.c_str());
  return absl::OkStatus();
}

}  // namespace nasc
