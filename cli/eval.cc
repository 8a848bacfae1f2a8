#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/trained_run.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"
#include "runtime/torch_status.h"
#include "runtime/trainer.h"

namespace nasc {
namespace {

struct Flags {
  std::string folder;
  std::string network;
  bool json = false;
  std::string logits;
  int64_t count = 0;
  RunFlags run;
};

// A line an example, in the order of the test data, with what the network tells of it.
absl::StatusOr<std::string> LogitsCsv(const Network& network, const Task& task, int64_t count) {
  constexpr int kBatch = 64;
  absl::StatusOr<Loader> loader = task.Evaluation(Task::Part::kTest, kBatch);
  if (!loader.ok()) return loader.status();
  return CatchTorch("computing logits", [&]() -> absl::StatusOr<std::string> {
    const at::NoGradGuard no_grad;
    std::string csv;
    for (int64_t done = 0; done < count; done += kBatch) {
      const Batch batch = NextBatch(*loader, at::kFloat);
      const at::Tensor logits =
          network.Forward(batch.inputs, {}, ForwardMode{}).logits.cpu().contiguous();
      const int64_t rows = std::min(logits.size(0), count - done);
      for (int64_t i = 0; i < rows * logits.size(1); ++i) {
        const bool last = (i + 1) % logits.size(1) == 0;
        absl::StrAppendFormat(&csv, "%.9g%s", logits.data_ptr<float>()[i], last ? "\n" : ",");
      }
    }
    return csv;
  });
}

absl::Status Eval(const Flags& flags) {
  absl::StatusOr<TrainedRun> run = LoadTrainedRun(flags.folder, flags.network, flags.run);
  if (!run.ok()) return run.status();
  const Task& task = run->task;
  ParameterStore store(at::kFloat, run->search.config.seed);
  for (const ProgramParam& param : run->program.params) {
    store.Put(param.name, param.role, run->weights.at(param.name));
  }
  absl::StatusOr<Network> network = Network::Create(std::move(run->program), store);
  if (!network.ok()) return network.status();
  absl::StatusOr<Score> score = Evaluate(*network, {}, task, Task::Part::kTest, store.dtype());
  if (!score.ok()) return score.status();
  const int64_t examples = task.size(Task::Part::kTest);
  if (!flags.logits.empty()) {
    const int64_t count = flags.count > 0 ? std::min(flags.count, examples) : examples;
    absl::StatusOr<std::string> csv = LogitsCsv(*network, task, count);
    if (!csv.ok()) return csv.status();
    const absl::Status written = WriteFileAtomically(flags.logits, *csv);
    if (!written.ok()) return written;
  }
  const char* const what = task.input().features > 0 ? "rows" : "images";
  if (flags.json) {
    std::fputs(JsonDocument({{"network", run->folder},
                             {what, examples},
                             {"test_loss", score->loss},
                             {absl::StrCat("test_", score->measure()), score->quality}})
                   .c_str(),
               stdout);
  } else {
    std::printf("%s: test %s %.4f, loss %.4f on %lld %s\n", run->folder.c_str(), score->measure(),
                score->quality, score->loss, static_cast<long long>(examples), what);
  }
  return absl::OkStatus();
}

}  // namespace

Action AddEval(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("RUN", flags->folder, "a run folder, such as runs/quick")->required();
  app.add_option("--network", flags->network,
                 "which network of the run: derived, random; by default what was found or trained");
  app.add_flag("--json", flags->json, "print JSON");
  CLI::Option* logits =
      app.add_option("--logits", flags->logits,
                     "write what the network tells of each test example to this CSV file");
  app.add_option("--count", flags->count, "with --logits: only of the first so many")
      ->check(WholeNumber(1, kGreatestCount))
      ->needs(logits);
  app.add_option("--threads", flags->run.threads, "threads to compute with; by default as trained")
      ->check(WholeNumber(1, 1024));
  return [flags] { return Eval(*flags); };
}

}  // namespace nasc
