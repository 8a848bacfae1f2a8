// How well scores without training order architectures: their rank correlation with a column of a
// table of a published benchmark, over random architectures of it.
//
//   bazel run //bench:proxy_correlation -- --count 100

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/run.h"
#include "runtime/random/random.h"
#include "strategies/evaluate/benchmark_table.h"
#include "strategies/evaluate/rank_correlation.h"
#include "strategies/evaluate/zero_cost.h"
#include "strategies/final_training.h"
#include "strategies/study.h"
#include "strategies/trial/decision_space.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  BenchmarkTableSpec table;
  std::string column = "cifar10_test_acc_200ep";
  int count = 100;
  int batch = 64;
  uint64_t seed = 0;
  RunFlags run;
};

absl::Status Correlate(const Flags& flags) {
  RunRecord record;
  if (absl::Status status = StartComputing(flags.run, record); !status.ok()) return status;
  absl::StatusOr<LoadedSearch> search =
      LoadSearch(flags.file, flags.search, static_cast<int64_t>(flags.seed));
  if (!search.ok()) return search.status();
  const SearchConfig& config = search->config;
  absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, config.scale, &*task);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<BenchmarkTable> table = BenchmarkTable::Read(flags.table, *supernet);
  if (!table.ok()) return table.status();
  absl::StatusOr<Loader> loader =
      task->Training(Task::Part::kSearch, flags.batch, /*cutout=*/0, flags.seed);
  if (!loader.ok()) return loader.status();
  const Batch batch = NextBatch(*loader, at::kFloat);

  const std::vector<NamedZeroCostScore>& scores = ZeroCostScores();
  struct Pairs {
    std::vector<double> score;
    std::vector<double> column;
    double seconds = 0;
  };
  std::vector<Pairs> pairs(scores.size());
  const DecisionSpace space(*supernet);
  Rng rng(HashSeed(flags.seed, "proxy correlation"));
  for (int i = 0; i < flags.count; ++i) {
    const Architecture architecture = space.Decode(space.Draw(rng));
    const double* row = table->Find(architecture);
    if (row == nullptr) return absl::NotFoundError("an architecture has no row");
    const absl::StatusOr<Program> program = InferenceProgram(*supernet, architecture);
    if (!program.ok()) return program.status();
    for (size_t s = 0; s < scores.size(); ++s) {
      const auto begin = std::chrono::steady_clock::now();
      const absl::StatusOr<double> score = scores[s].score({*program, batch, flags.seed});
      pairs[s].seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (absl::IsOutOfRange(score.status())) continue;  // no score: the worst of all
      if (!score.ok()) return score.status();
      pairs[s].score.push_back(*score);
      pairs[s].column.push_back(*row);
    }
    std::fprintf(stderr, "\r%d/%d", i + 1, flags.count);
  }
  std::fprintf(stderr, "\n");
  std::printf("%-12s %10s %8s %12s\n", "score", "spearman", "scored", "seconds each");
  for (size_t s = 0; s < scores.size(); ++s) {
    std::printf("%-12s %10.3f %8zu %12.3f\n", scores[s].name.c_str(),
                RankCorrelation(pairs[s].score, pairs[s].column), pairs[s].score.size(),
                pairs[s].seconds / flags.count);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  nasc::Flags flags;
  flags.table.notation = "nasbench201";
  CLI::App app("The rank correlation of scores without training with a table of a benchmark");
  app.add_option("FILE", flags.file, "a .space file with a search")->required();
  app.add_option("SEARCH", flags.search, "whose space, scale and data are used")->required();
  app.add_option("TABLE", flags.table.path, "a TSV or CSV file of the space")->required();
  app.add_option("--column", flags.column, "what is correlated with")->capture_default_str();
  app.add_option("--notation", flags.table.notation, "of the table")->capture_default_str();
  app.add_option("--count", flags.count, "random architectures")->capture_default_str();
  app.add_option("--batch", flags.batch, "images that scores use")->capture_default_str();
  app.add_option("--seed", flags.seed, "of architectures, weights and images")
      ->capture_default_str();
  app.add_option("--threads", flags.run.threads, "by default as many as the machine has");
  CLI11_PARSE(app, argc, argv);
  flags.table.columns = {flags.column};
  const absl::Status status = nasc::Correlate(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
