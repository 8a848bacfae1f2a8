// How long training steps take and how much memory, against the same network on LibTorch's
// operators as the papers' codes use them: see docs/performance.md.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/peak.h"
#include "bench/step_runner.h"
#include "runtime/fused/isa.h"
#include "runtime/run/json.h"
#include "runtime/threads.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

constexpr Case kCases[] = {
    {"darts_weights", "darts/darts.space", "search", kMixture, 16, Step::kWeights},
    {"darts_weights", "darts/darts.space", "search", kMixture, 64, Step::kWeights},
    {"darts_recomputed", "darts/darts.space", "search", kMixture, 16, Step::kWeights, true},
    {"darts_recomputed", "darts/darts.space", "search", kMixture, 64, Step::kWeights, true},
    {"darts_decisions", "darts/darts.space", "search", kMixture, 16, Step::kDecisions},
    {"darts_decisions", "darts/darts.space", "search", kMixture, 64, Step::kDecisions},
    {"darts_first_order", "darts/darts.space", "search", kMixture, 16, Step::kBoth},
    {"darts_first_order", "darts/darts.space", "search", kMixture, 64, Step::kBoth},
    {"darts_second_order", "darts/darts.space", "search", kMixture, 16, Step::kSecondOrder},
    {"gdas", "darts/darts.space", "search", kSample, 16, Step::kBoth},
    {"gdas", "darts/darts.space", "search", kSample, 64, Step::kBoth},
    {"nasbench201_weights", "nasbench201/nasbench201.space", "search", kMixture, 16,
     Step::kWeights},
    {"darts_final", "darts/darts.space", "shallow_final", "darts/second_order.arch", 32,
     Step::kWeights},
};

struct Flags {
  int repeats = 5;
  int threads = 1;
  std::string only;
  int64_t batch = 0;  // 0: all
  std::string isa = "best";
  bool json = false;
  bool ours = false;  // without the reference
  std::string passes = "all";
};

// A figure of this process in MB: "VmRSS", what it holds, or "VmHWM", the most since Reset.
double Memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t:"), absl::SkipEmpty());
    double kib = 0;
    if (words.size() > 1 && words[0] == name && absl::SimpleAtod(words[1], &kib)) {
      return kib / 1024;
    }
  }
  return 0;
}

struct Measured {
  std::vector<double> milliseconds;
  double megabytes = 0;  // the most above what the process held before the step
};

// A step of its own, since what is given back before it has to be asked for again, which takes
// time.
absl::Status MeasureMemory(Runner& runner, Step step, Measured& measured) {
  malloc_trim(0);
  const double before = Memory("VmRSS");
  std::ofstream("/proc/self/clear_refs") << "5";  // forgets the peak
  const absl::StatusOr<double> ran = runner.Run(step);
  measured.megabytes = Memory("VmHWM") - before;
  return ran.status();
}

absl::Status MeasureTime(Runner& runner, Step step, Measured& measured) {
  const absl::StatusOr<double> milliseconds = runner.Run(step);
  if (milliseconds.ok()) measured.milliseconds.push_back(*milliseconds);
  return milliseconds.status();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

absl::Status RunCase(const Case& which, const Flags& flags, double peak_gflops) {
  absl::StatusOr<Subject> subject = Subject::Load(which);
  if (!subject.ok()) return subject.status();
  absl::StatusOr<std::unique_ptr<Runner>> reference =
      Runner::Make(*subject, which.batch, /*reference=*/true);
  if (!reference.ok()) return reference.status();
  absl::StatusOr<std::unique_ptr<Runner>> ours =
      Runner::Make(*subject, which.batch, /*reference=*/false, {flags.passes, which.recompute});
  if (!ours.ok()) return ours.status();
  Measured slow;
  Measured fast;
  // The first step of each makes what stays: gradients, moments, LibTorch's caches.
  for (Runner* runner : {reference->get(), ours->get()}) {
    if (flags.ours && runner == reference->get()) continue;
    absl::StatusOr<double> first = runner->Run(which.step);
    if (!first.ok()) return first.status();
  }
  const double apart = (*ours)->loss() - (*reference)->loss();
  absl::Status status;
  if (!flags.ours) status = MeasureMemory(**reference, which.step, slow);
  status.Update(MeasureMemory(**ours, which.step, fast));
  for (int i = 0; i < flags.repeats && status.ok(); ++i) {
    if (!flags.ours) status.Update(MeasureTime(**reference, which.step, slow));
    status.Update(MeasureTime(**ours, which.step, fast));
  }
  if (!status.ok()) return status;
  if (flags.ours) slow = fast;
  const double slow_ms = Median(slow.milliseconds);
  const double fast_ms = Median(fast.milliseconds);
  const double gflops = 2e-6 * static_cast<double>((*ours)->macs()) / fast_ms;
  if (flags.json) {
    std::printf("%s\n", JsonLine({{"case", which.name},
                                  {"batch", which.batch},
                                  {"threads", flags.threads},
                                  {"isa", fused::NameOf(fused::CurrentIsa())},
                                  {"time_ratio", slow_ms / fast_ms},
                                  {"memory_ratio", slow.megabytes / fast.megabytes},
                                  {"kernels_ratio", static_cast<double>((*reference)->kernels()) /
                                                        static_cast<double>((*ours)->kernels())},
                                  {"reference_ms", slow_ms},
                                  {"ms", fast_ms},
                                  {"reference_mb", slow.megabytes},
                                  {"mb", fast.megabytes},
                                  {"reference_kernels", (*reference)->kernels()},
                                  {"kernels", (*ours)->kernels()},
                                  {"gflops", gflops},
                                  {"peak_gflops", peak_gflops},
                                  {"loss_difference", apart}})
                            .c_str());
  } else {
    std::printf("%-20s %5lld %9.0f %9.0f %7.2fx %9.0f %9.0f %7.2fx %8lld %8lld %8.0f  %.1e\n",
                which.name, static_cast<long long>(which.batch), slow_ms, fast_ms,
                slow_ms / fast_ms, slow.megabytes, fast.megabytes, slow.megabytes / fast.megabytes,
                static_cast<long long>((*reference)->kernels()),
                static_cast<long long>((*ours)->kernels()), gflops, apart);
  }
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::Status RunAll(const Flags& flags) {
  if (absl::Status status = fused::SetIsa(flags.isa); !status.ok()) return status;
  SetThreads(flags.threads);
  const double peak_gflops = PeakGflops(flags.threads);
  if (!flags.json) {
    std::printf("%d threads, %s, at most %.0f GFLOP/s, medians of %d interleaved steps\n",
                flags.threads, fused::NameOf(fused::CurrentIsa()), peak_gflops, flags.repeats);
    std::printf("%-20s %5s %9s %9s %8s %9s %9s %8s %8s %8s %8s  %s\n", "case", "batch", "ref. ms",
                "ms", "time", "ref. MB", "MB", "memory", "ref. ops", "ops", "GFLOP/s",
                "loss apart");
  }
  for (const Case& which : kCases) {
    if (!flags.only.empty() && which.name != flags.only) continue;
    if (flags.batch > 0 && which.batch != flags.batch) continue;
    const absl::Status status =
        CatchTorch("measuring", [&] { return RunCase(which, flags, peak_gflops); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  nasc::Flags flags;
  CLI::App app("Times training steps against the same network on LibTorch's operators.");
  app.add_option("--repeats", flags.repeats, "steps of each")->check(CLI::Range(1, 1000));
  app.add_option("--threads", flags.threads, "threads that compute")->check(CLI::Range(1, 1024));
  std::set<std::string> names;
  for (const nasc::Case& known : nasc::kCases) names.insert(known.name);
  app.add_option("--case", flags.only, "only the cases of this name")->check(CLI::IsMember(names));
  app.add_option("--batch", flags.batch, "only the cases of that batch");
  app.add_option("--isa", flags.isa, "none, avx2, avx512 or best");
  app.add_option("--passes", flags.passes, "all, none, or names joined by commas; of ours");
  app.add_flag("--ours", flags.ours, "without the reference: ratios mean nothing then");
  app.add_flag("--json", flags.json, "a JSON line a case");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = nasc::RunAll(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
