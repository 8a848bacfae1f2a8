// How many trials a second a search does on a published table, on one core, without and with a
// record: see docs/trial_strategies.md.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/options.h"
#include "dsl/sources.h"
#include "glog/logging.h"
#include "strategies/evaluate/benchmark_table.h"
#include "strategies/registry.h"
#include "strategies/trial_search.h"
#include "strategies/trial_store.h"

namespace nasc {
namespace {

struct Flags {
  int64_t trials = 1000000;
  int repeats = 5;
  std::vector<std::string> strategies = {"random", "evolution", "local_search",
                                         "nsga2",  "tpe",       "exhaustive"};
  std::vector<std::string> paths;  // of the space and of the table
};

class TableLookup : public Evaluator {
 public:
  explicit TableLookup(const BenchmarkTable& table) : table_(table) {}

  const std::vector<std::string>& measures() const override { return names_; }
  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const double* row = table_.Find(evaluation.architecture);
    if (row == nullptr) return absl::NotFoundError("an architecture has no row");
    values[0] = row[0];
    return absl::OkStatus();
  }

 private:
  const BenchmarkTable& table_;
  const std::vector<std::string> names_ = {"accuracy"};
};

// The time that this process computes: what else the machine does matters less to it.
double Seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The name of a file for trials that is not there; in the folder that the benchmark runs in, so
// that it is written to a disk.
std::string FreshFile() {
  const std::string path = "trial_benchmark.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  return path;
}

struct Measurement {
  int64_t trials = 0;  // fewer than asked for where the strategy had no more
  double a_second = 0;
  double bytes = 0;  // that are held more, of a trial in the second half
};

Measurement Measure(const StrategyInfo& strategy, const ir::Graph& supernet,
                    const BenchmarkTable& table, int64_t trials, uint64_t seed, bool recorded) {
  const DecisionSpace space(supernet);
  Diagnostics diagnostics;
  const Options options = ReadOptions(strategy.name, strategy.options, {}, diagnostics);
  const absl::StatusOr<std::unique_ptr<TrialStrategy>> strategy_made =
      strategy.make_trial({space, supernet, trials, /*objectives=*/1, seed}, options);
  CHECK(strategy_made.ok()) << strategy_made.status();
  TrialStrategy* const made = strategy_made->get();
  TableLookup evaluator(table);
  FunctionClasses classes(space, supernet);
  absl::StatusOr<TrialSearch> search = TrialSearch::Create({space,
                                                            *made,
                                                            /*scheduler=*/nullptr,
                                                            static_cast<double>(trials),
                                                            {&evaluator},
                                                            {Objective::Maximize("accuracy")},
                                                            &classes});
  CHECK(search.ok()) << search.status();
  std::optional<TrialStore> store;
  if (recorded) {
    absl::StatusOr<TrialStore> created = TrialStore::Create(FreshFile(), {}, {"accuracy"}, 1);
    CHECK(created.ok()) << created.status();
    store.emplace(*std::move(created));
  }
  const double begin = Seconds();
  size_t half = 0;
  while (search->trials() < trials) {
    const absl::StatusOr<bool> more = search->Step(/*run=*/nullptr);
    CHECK(more.ok()) << more.status();
    if (!*more) break;
    if (recorded) {
      const Trial& trial = search->last();
      const absl::Status added = store->Add(
          "search", trial, 0, [&] { return Print(space.Decode(trial.architecture), supernet); });
      CHECK(added.ok()) << added;
    }
    if (search->trials() == trials / 2) half = mallinfo2().uordblks;
  }
  Measurement measured;
  measured.trials = search->trials();
  measured.a_second = static_cast<double>(measured.trials) / (Seconds() - begin);
  if (measured.trials > trials / 2) {
    const double grown = static_cast<double>(mallinfo2().uordblks) - static_cast<double>(half);
    measured.bytes = grown / static_cast<double>(measured.trials - trials / 2);
  }
  return measured;
}

bool ReadFlags(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view arg = argv[i];
    if (absl::ConsumePrefix(&arg, "--trials=")) {
      if (!absl::SimpleAtoi(arg, &flags.trials) || flags.trials < 2) return false;
    } else if (absl::ConsumePrefix(&arg, "--repeats=")) {
      if (!absl::SimpleAtoi(arg, &flags.repeats) || flags.repeats < 1) return false;
    } else if (absl::ConsumePrefix(&arg, "--strategies=")) {
      flags.strategies = absl::StrSplit(arg, ',', absl::SkipEmpty());
    } else {
      flags.paths.emplace_back(arg);
    }
  }
  return flags.paths.size() == 2;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!ReadFlags(argc, argv, flags)) {
    std::fprintf(stderr,
                 "usage: trials [--trials=N] [--repeats=N] [--strategies=NAME,...] SPACE TABLE\n");
    return 2;
  }
  Diagnostics diagnostics;
  const Sources sources = LoadSources(flags.paths[0], diagnostics);
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  CHECK(!diagnostics.has_errors()) << diagnostics.Render();
  const absl::StatusOr<ir::Graph> supernet = LowerAt(*SpaceOf(sources.root()), {"quick", {}});
  CHECK(supernet.ok()) << supernet.status();
  const absl::StatusOr<BenchmarkTable> table = BenchmarkTable::Read(
      {flags.paths[1], "", "nasbench201", {"cifar10_valid_acc_12ep"}}, *supernet);
  CHECK(table.ok()) << table.status();

  std::printf("%-14s%12s%14s%16s%14s\n", "strategy", "trials", "a second", "bytes a trial",
              "recorded");
  for (const std::string& name : flags.strategies) {
    const StrategyInfo* const strategy = FindStrategy(name);
    if (strategy == nullptr || strategy->make_trial == nullptr) {
      std::fprintf(stderr, "there is no trial-based strategy '%s'\n", name.c_str());
      return 2;
    }
    const auto median = [&](bool recorded) {
      std::vector<Measurement> all;
      for (int seed = 1; seed <= flags.repeats; ++seed) {
        all.push_back(Measure(*strategy, *supernet, *table, flags.trials, seed, recorded));
      }
      std::nth_element(
          all.begin(), all.begin() + all.size() / 2, all.end(),
          [](const Measurement& a, const Measurement& b) { return a.a_second < b.a_second; });
      return all[all.size() / 2];
    };
    const Measurement bare = median(/*recorded=*/false);
    const Measurement recorded = median(/*recorded=*/true);
    std::printf("%-14s%12lld%14.0f%16.1f%14.0f\n", name.c_str(),
                static_cast<long long>(bare.trials), bare.a_second, bare.bytes, recorded.a_second);
    std::filesystem::remove(FreshFile());
  }
  return 0;
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) { return nasc::Main(argc, argv); }
