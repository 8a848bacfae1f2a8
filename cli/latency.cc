#include "strategies/evaluate/latency.h"

#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "runtime/random/random.h"
#include "runtime/run/interrupt.h"
#include "strategies/architecture_file.h"
#include "strategies/trial/decision_space.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string scale;
  std::string architecture;
  std::string input;
  int64_t classes = 0;
  int64_t draws = 200;
  uint64_t seed = 0;
  LatencyOptions how;
  RunFlags run;  // only what says how to compute
};

// Prints a row for each operation of the program that `known` lacks. Returns whether there were.
absl::StatusOr<bool> PrintRows(const Program& program, const Flags& flags,
                               std::map<std::string, double>& known) {
  bool any = false;
  for (const ProgramStep& step : program.steps) {
    const std::string key = OperationKey(program, step);
    if (key.empty() || known.count(key) > 0) continue;
    if (Interrupted()) return absl::CancelledError("stopped; the table is not complete");
    const absl::StatusOr<double> seconds = MeasureOperation(program, step, flags.how, flags.seed);
    if (!seconds.ok()) return seconds.status();
    known[key] = *seconds;
    std::printf("%s,%.9f\n", key.c_str(), *seconds);
    std::fflush(stdout);
    any = true;
  }
  return any;
}

// The rows of one architecture; what the whole takes goes where it is not in the way of a table.
absl::Status OfOne(const ir::Graph& supernet, const Flags& flags) {
  const absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, supernet);
  if (!architecture.ok()) return architecture.status();
  const absl::StatusOr<Program> program = InferenceProgram(supernet, *architecture);
  if (!program.ok()) return program.status();
  const absl::StatusOr<double> whole = MeasureLatency(*program, flags.how, flags.seed);
  if (!whole.ok()) return whole.status();
  std::map<std::string, double> rows;
  const absl::StatusOr<bool> printed = PrintRows(*program, flags, rows);
  if (!printed.ok()) return printed.status();
  double sum = 0;
  for (const ProgramStep& step : program->steps) {
    const auto row = rows.find(OperationKey(*program, step));
    if (row != rows.end()) sum += row->second;
  }
  std::fprintf(stderr, "the network takes %.6f s, its operations one by one %.6f s\n", *whole, sum);
  return absl::OkStatus();
}

// The rows of random architectures, until so many in a row have brought nothing new.
absl::Status OfSpace(const ir::Graph& supernet, const Flags& flags) {
  const DecisionSpace space(supernet);
  Rng rng(HashSeed(flags.seed, "latency table"));
  std::map<std::string, double> rows;
  for (int64_t idle = 0; idle < flags.draws; ++idle) {
    const absl::StatusOr<Program> program =
        InferenceProgram(supernet, space.Decode(space.Draw(rng)));
    if (!program.ok()) return program.status();
    const absl::StatusOr<bool> any = PrintRows(*program, flags, rows);
    if (!any.ok()) return any.status();
    if (*any) idle = -1;
  }
  return absl::OkStatus();
}

absl::Status Latency(const Flags& flags) {
  RunRecord record;
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<std::optional<InputSpec>> input = ParseInput(flags.input, flags.classes);
  if (!input.ok()) return input.status();
  absl::StatusOr<ir::Graph> supernet = LowerAt(*space, {flags.scale, *input});
  if (!supernet.ok()) return supernet.status();
  std::printf("operation,latency\n");
  return flags.architecture.empty() ? OfSpace(*supernet, flags) : OfOne(*supernet, flags);
}

}  // namespace

Action AddLatency(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file")->required();
  app.add_option("--scale", flags->scale, "needed where the space has several");
  app.add_option("--architecture", flags->architecture,
                 "a file: only the operations of this architecture; what the whole network takes "
                 "goes to stderr");
  app.add_option("--input", flags->input, "channels x height x width, instead of the default");
  app.add_option("--classes", flags->classes, "the number of classes, instead of the default")
      ->check(WholeNumber(2, kGreatestCount));
  app.add_option("--batch", flags->how.batch, "inputs that are computed at a time")
      ->check(WholeNumber(1, 65536))
      ->capture_default_str();
  app.add_option("--times", flags->how.runs, "passes, of which the median counts")
      ->check(WholeNumber(1, kGreatestCount))
      ->capture_default_str();
  app.add_option("--draws", flags->draws,
                 "architectures are drawn until so many in a row have no new operation")
      ->check(WholeNumber(1, kGreatestCount))
      ->capture_default_str();
  app.add_option("--threads", flags->run.threads,
                 "threads to compute with; by default as many as the machine has")
      ->check(WholeNumber(1, 1024));
  app.add_option("--isa", flags->run.isa, "vector instructions: see `nasc search --help`")
      ->capture_default_str();
  return [flags] { return Latency(*flags); };
}

}  // namespace nasc
