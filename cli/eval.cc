#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "runtime/checkpoint.h"
#include "runtime/compute.h"
#include "runtime/fused/isa.h"
#include "runtime/run/json.h"
#include "strategies/study.h"

namespace nasc {
namespace {

struct Flags {
  std::string folder;
  std::string network;
  bool json = false;
  RunFlags run;
};

// The sub-folder of the network to evaluate: the one that is named, or that of a search's result or
// a training.
absl::StatusOr<std::string> NetworkFolder(const Flags& flags) {
  std::vector<std::string> names = {"derived", "network"};
  if (!flags.network.empty()) names = {flags.network};
  for (const std::string& name : names) {
    std::error_code error;
    std::string folder = absl::StrCat(flags.folder, "/", name);
    if (std::filesystem::exists(absl::StrCat(folder, "/", kWeightsFile), error)) return folder;
  }
  return absl::NotFoundError(absl::StrCat(flags.folder, " holds no trained network",
                                          flags.network.empty() ? "" : " " + flags.network));
}

// Puts the saved weights of a program into a store.
absl::Status PutWeights(const Program& program, const NamedTensors& saved, const std::string& path,
                        ParameterStore& store) {
  for (const ProgramParam& param : program.params) {
    const auto it = saved.find(param.name);
    if (it == saved.end() || it->second.sizes() != c10::IntArrayRef(param.shape)) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " does not belong to the architecture beside it: ", param.name,
                       it == saved.end() ? " is missing" : " has another shape"));
    }
    store.Put(param.name, param.role, it->second);
  }
  return absl::OkStatus();
}

absl::Status Eval(Flags flags) {
  absl::StatusOr<RunRecord> record = ReadRunConfig(absl::StrCat(flags.folder, "/", kRunConfigFile));
  if (!record.ok()) return record.status();
  if (flags.run.threads == 0) flags.run.threads = record->threads;
  // As it was trained, where this machine can.
  if (fused::SetIsa(record->isa).ok()) flags.run.isa = record->isa;
  if (SetCompute(record->device, record->precision).ok()) {
    flags.run.device = record->device;
    flags.run.precision = record->precision;
  }
  if (absl::Status status = StartComputing(flags.run, *record); !status.ok()) return status;
  absl::StatusOr<std::string> folder = NetworkFolder(flags);
  if (!folder.ok()) return folder.status();
  absl::StatusOr<LoadedSearch> search = LoadSearch(
      absl::StrCat(flags.folder, "/", record->file), record->search,
      static_cast<int64_t>(record->seed), absl::StrCat(flags.folder, "/", kLibrariesFolder));
  if (!search.ok()) return search.status();
  const SearchConfig& config = search->config;
  absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, record->scale, &*task);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<Architecture> architecture =
      LoadArchitecture(absl::StrCat(*folder, "/", kArchitectureFile), *supernet);
  if (!architecture.ok()) return architecture.status();

  absl::StatusOr<Program> program = InferenceProgram(*supernet, *architecture);
  if (!program.ok()) return program.status();
  const std::string weights = absl::StrCat(*folder, "/", kWeightsFile);
  absl::StatusOr<TensorFile> saved = LoadTensors(weights);
  if (!saved.ok()) return saved.status();
  ParameterStore store(at::kFloat, config.seed);
  const absl::Status status = PutWeights(*program, saved->tensors, weights, store);
  if (!status.ok()) return status;
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
  if (!network.ok()) return network.status();
  absl::StatusOr<Score> score = Evaluate(*network, {}, *task, Task::Part::kTest, store.dtype());
  if (!score.ok()) return score.status();
  const char* const examples = task->input().features > 0 ? "rows" : "images";
  if (flags.json) {
    std::fputs(JsonDocument({{"network", *folder},
                             {examples, task->size(Task::Part::kTest)},
                             {"test_loss", score->loss},
                             {absl::StrCat("test_", score->measure()), score->quality}})
                   .c_str(),
               stdout);
  } else {
    std::printf("%s: test %s %.4f, loss %.4f on %lld %s\n", folder->c_str(), score->measure(),
                score->quality, score->loss, static_cast<long long>(task->size(Task::Part::kTest)),
                examples);
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
  app.add_option("--threads", flags->run.threads, "threads to compute with; by default as trained")
      ->check(WholeNumber(1, 1024));
  return [flags] { return Eval(*flags); };
}

}  // namespace nasc
