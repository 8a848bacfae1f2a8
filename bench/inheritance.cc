// What inheriting is worth: the validation accuracy after every epoch of networks that inherit from
// a run, beside the same networks trained from scratch. From a supernet, random architectures
// inherit; from a trained network, the same architecture, on the data of the search that is named.
//
//   bazel run //bench:inheritance -- FILE SEARCH --from runs/NAME/supernet --count 10 --epochs 5

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/donor.h"
#include "cli/run.h"
#include "compiler/relax.h"
#include "runtime/inherit.h"
#include "runtime/random/random.h"
#include "runtime/training.h"
#include "strategies/final_training.h"
#include "strategies/inherit/donor.h"
#include "strategies/statistics.h"
#include "strategies/study.h"
#include "strategies/trial/decision_space.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  std::string from;
  int64_t count = 10;
  int64_t epochs = 5;
  RunFlags run;
};

// Trains a network and gives its validation accuracy after every epoch; without a donor from
// scratch.
absl::StatusOr<std::vector<double>> Curve(const Flags& flags, const SearchConfig& config,
                                          const ir::Graph& supernet, const Task& task,
                                          const Architecture& architecture, uint64_t seed,
                                          const Donor* donor) {
  const absl::StatusOr<ir::Graph> graph = Fix(supernet, architecture);
  if (!graph.ok()) return graph.status();
  absl::StatusOr<Program> program = BuildProgram(*graph);
  if (!program.ok()) return program.status();
  ParameterStore store(at::kFloat, seed);
  if (donor != nullptr) {
    const absl::StatusOr<Inheritance> inheritance = PlanFrom(
        *donor, {supernet, architecture, *graph, ClassesOf(config.dataset, config.data), {}});
    if (!inheritance.ok()) return inheritance.status();
    const absl::Status status =
        InheritWeights(inheritance->plan, inheritance->tensors, *program, seed, store);
    if (!status.ok()) return status;
  }
  const absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
  if (!network.ok()) return network.status();
  absl::StatusOr<Program> alone = InferenceProgram(supernet, architecture);
  if (!alone.ok()) return alone.status();
  const absl::StatusOr<Network> inference = Network::Create(*std::move(alone), store);
  if (!inference.ok()) return inference.status();
  TrainSettings settings;
  settings.sgd = config.train;
  settings.part = Task::Part::kSearch;
  settings.seed = seed;
  const int64_t epoch = task.size(Task::Part::kSearch) / config.train.Whole("batch");
  settings.steps = flags.epochs * epoch;
  absl::StatusOr<Training> training = Training::Create(*network, store, task, settings);
  if (!training.ok()) return training.status();
  std::vector<double> curve;
  while (!training->ended()) {
    const absl::StatusOr<Score> step = training->Step();
    if (!step.ok()) return step.status();
    if (!training->at_end_of_epoch()) continue;
    const absl::StatusOr<Score> score =
        Evaluate(*inference, {}, task, Task::Part::kValidation, at::kFloat);
    if (!score.ok()) return score.status();
    curve.push_back(score->quality);
  }
  return curve;
}

absl::Status Measure(const Flags& flags) {
  RunRecord record;
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  const absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, -1);
  if (!search.ok()) return search.status();
  const SearchConfig& config = search->config;
  const absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  const absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, config.scale, &*task);
  if (!supernet.ok()) return supernet.status();
  const absl::StatusOr<Donor> donor = LoadDonor(flags.from);
  if (!donor.ok()) return donor.status();

  const DecisionSpace space(*supernet);
  Rng rng(HashSeed(config.seed, "inheritance"));
  std::vector<std::vector<double>> fresh(flags.epochs);
  std::vector<std::vector<double>> inherited(flags.epochs);
  for (int64_t i = 0; i < flags.count; ++i) {
    const Architecture architecture =
        donor->architecture.has_value() ? *donor->architecture : space.Decode(space.Draw(rng));
    const auto seed = static_cast<uint64_t>(i + 1);
    for (const bool inherits : {false, true}) {
      const absl::StatusOr<std::vector<double>> curve =
          Curve(flags, config, *supernet, *task, architecture, seed, inherits ? &*donor : nullptr);
      if (!curve.ok()) return curve.status();
      for (size_t e = 0; e < curve->size(); ++e) {
        (inherits ? inherited : fresh)[e].push_back((*curve)[e]);
      }
    }
    std::fprintf(stderr, "\r%lld/%lld", static_cast<long long>(i + 1),
                 static_cast<long long>(flags.count));
  }
  std::fprintf(stderr, "\n");
  std::printf("%-6s %12s %12s %24s\n", "epoch", "from scratch", "inherited", "gain");
  for (int64_t e = 0; e < flags.epochs; ++e) {
    std::vector<double> gains;
    for (size_t i = 0; i < fresh[e].size(); ++i) gains.push_back(inherited[e][i] - fresh[e][i]);
    const Estimate gain = EstimateMean(gains);
    std::printf("%-6lld %11.2f%% %11.2f%% %+14.2f +- %.2f points\n", static_cast<long long>(e + 1),
                100 * EstimateMean(fresh[e]).mean, 100 * EstimateMean(inherited[e]).mean,
                100 * gain.mean, 100 * gain.error);
  }
  std::printf("validation accuracy, the mean over %lld networks; +- is the standard error\n",
              static_cast<long long>(flags.count));
  return absl::OkStatus();
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  nasc::Flags flags;
  CLI::App app("The validation accuracy, epoch by epoch, of networks that inherit and that do not");
  app.add_option("FILE", flags.file, "a .space file with a search")->required();
  app.add_option("SEARCH", flags.search, "whose space, scale, data and `train` line are used")
      ->required();
  app.add_option("--from", flags.from, "the run to inherit from: see `nasc inherit`")->required();
  app.add_option("--count", flags.count, "random architectures, or seeds of one")
      ->capture_default_str();
  app.add_option("--epochs", flags.epochs, "that each is trained")->capture_default_str();
  app.add_option("--threads", flags.run.threads, "by default as many as the machine has");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = nasc::Measure(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
