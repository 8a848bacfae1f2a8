// How long training steps take and how much memory, against the same network on LibTorch's
// operators as the papers' codes use them: see docs/performance.md.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/space_file.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/fused/isa.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "runtime/run/json.h"
#include "runtime/threads.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

enum class Step { kWeights, kDecisions, kBoth };

struct Case {
  const char* name;
  const char* space;  // a file below examples/
  const char* scale;
  const char* architecture;  // a file below examples/; "": the mixture
  int64_t batch;
  Step step;
  bool recompute = false;  // ours: what the backward part needs, instead of keeping it
};

constexpr Case kCases[] = {
    {"darts_weights", "darts/darts.space", "search", "", 16, Step::kWeights},
    {"darts_weights", "darts/darts.space", "search", "", 64, Step::kWeights},
    {"darts_recomputed", "darts/darts.space", "search", "", 16, Step::kWeights, true},
    {"darts_recomputed", "darts/darts.space", "search", "", 64, Step::kWeights, true},
    {"darts_decisions", "darts/darts.space", "search", "", 16, Step::kDecisions},
    {"darts_decisions", "darts/darts.space", "search", "", 64, Step::kDecisions},
    {"darts_first_order", "darts/darts.space", "search", "", 16, Step::kBoth},
    {"darts_first_order", "darts/darts.space", "search", "", 64, Step::kBoth},
    {"nasbench201_weights", "nasbench201/nasbench201.space", "search", "", 16, Step::kWeights},
    {"darts_final", "darts/darts.space", "final", "darts/second_order.arch", 32, Step::kWeights},
};

struct Flags {
  int repeats = 5;
  int threads = 1;
  std::string only;
  std::string isa = "best";
  bool json = false;
};

// One network and what a step of it needs.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Make(const Program& program, int64_t batch,
                                                      bool reference, bool recompute) {
    auto runner = std::unique_ptr<Runner>(new Runner(reference));
    absl::StatusOr<Network> network = Network::Create(program, runner->store_, {"all", recompute});
    if (!network.ok()) return network.status();
    runner->network_ = std::make_unique<Network>(*std::move(network));
    if (reference) {
      for (const auto& [name, tensor] : runner->store_.tensors()) {
        tensor.set_data(tensor.contiguous());
      }
    }
    Rng rng(1);
    for (const ProgramDecision& decision : program.decisions) {
      runner->logits_[decision.path] =
          Gaussian({decision.options}, rng).set_requires_grad(reference);
    }
    std::vector<int64_t> shape = program.input_shape;
    shape[0] = batch;
    runner->images_ = Gaussian(shape, rng);
    runner->labels_ = at::empty({batch}, at::kLong);
    for (int64_t i = 0; i < batch; ++i) {
      runner->labels_.data_ptr<int64_t>()[i] = static_cast<int64_t>(rng.Below(10));
    }
    std::vector<at::Tensor> logits;
    for (const auto& [path, tensor] : runner->logits_) logits.push_back(tensor);
    runner->weights_ = runner->store_.Weights();
    runner->sgd_ = MakeSgd(runner->weights_, {0.9, 3e-4});
    runner->adam_ = MakeAdam(logits, {0.5, 0.999, 1e-3});
    return runner;
  }

  void Run(Step step) {
    if (step != Step::kWeights) RunOnce(/*weights=*/false);
    if (step != Step::kDecisions) RunOnce(/*weights=*/true);
  }

  double loss() const { return loss_; }

 private:
  explicit Runner(bool reference) : store_(at::kFloat, 1), reference_(reference) {}

  static at::Tensor Gaussian(const std::vector<int64_t>& shape, Rng& rng) {
    at::Tensor tensor = at::empty(shape, at::kFloat);
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      tensor.data_ptr<float>()[i] = static_cast<float>(rng.Gaussian());
    }
    return tensor;
  }

  // The papers' codes compute all gradients in both steps; ours only those that the step is for.
  void RunOnce(bool weights) {
    sgd_->ZeroGrad();
    adam_->ZeroGrad();
    Rng rng(2);
    ForwardMode mode;
    mode.training = true;
    mode.rng = &rng;
    if (reference_) {
      const at::Tensor loss = network_->Loss(network_->Reference(images_, logits_, mode), labels_);
      loss_ = loss.item<double>();
      loss.backward();
    } else {
      loss_ = network_->Step(images_, labels_, logits_, mode, {weights, !weights}).loss;
    }
    if (weights) {
      ClipGradients(weights_, 5);
      sgd_->Step(0.025);
    } else {
      adam_->Step(3e-4);
    }
  }

  ParameterStore store_;
  bool reference_;
  std::unique_ptr<Network> network_;
  Network::Logits logits_;
  at::Tensor images_;
  at::Tensor labels_;
  std::vector<at::Tensor> weights_;
  std::unique_ptr<Optimizer> sgd_;
  std::unique_ptr<Optimizer> adam_;
  double loss_ = 0;
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
void MeasureMemory(Runner& runner, Step step, Measured& measured) {
  malloc_trim(0);
  const double before = Memory("VmRSS");
  std::ofstream("/proc/self/clear_refs") << "5";  // forgets the peak
  runner.Run(step);
  measured.megabytes = Memory("VmHWM") - before;
}

void MeasureTime(Runner& runner, Step step, Measured& measured) {
  const auto begin = std::chrono::steady_clock::now();
  runner.Run(step);
  measured.milliseconds.push_back(
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

absl::StatusOr<Program> ProgramOf(const Case& which) {
  const std::string folder = "examples/";
  absl::StatusOr<Sources> sources = LoadChecked(folder + which.space);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<ir::Graph> graph = LowerAt(*space, {which.scale, std::nullopt});
  if (!graph.ok()) return graph.status();
  if (*which.architecture == '\0') {
    graph = RelaxToMixture(*graph);
  } else {
    absl::StatusOr<Architecture> architecture =
        LoadArchitecture(folder + which.architecture, *graph);
    if (!architecture.ok()) return architecture.status();
    graph = Fix(*graph, *architecture);
  }
  if (!graph.ok()) return graph.status();
  return BuildProgram(*graph);
}

absl::Status RunCase(const Case& which, const Flags& flags) {
  absl::StatusOr<Program> program = ProgramOf(which);
  if (!program.ok()) return program.status();
  absl::StatusOr<std::unique_ptr<Runner>> reference =
      Runner::Make(*program, which.batch, /*reference=*/true, /*recompute=*/false);
  if (!reference.ok()) return reference.status();
  absl::StatusOr<std::unique_ptr<Runner>> ours =
      Runner::Make(*program, which.batch, /*reference=*/false, which.recompute);
  if (!ours.ok()) return ours.status();
  // The first step of each makes what stays: gradients, moments, LibTorch's caches.
  (*reference)->Run(which.step);
  (*ours)->Run(which.step);
  const double apart = (*ours)->loss() - (*reference)->loss();
  Measured slow;
  Measured fast;
  MeasureMemory(**reference, which.step, slow);
  MeasureMemory(**ours, which.step, fast);
  for (int i = 0; i < flags.repeats; ++i) {
    MeasureTime(**reference, which.step, slow);
    MeasureTime(**ours, which.step, fast);
  }
  const double slow_ms = Median(slow.milliseconds);
  const double fast_ms = Median(fast.milliseconds);
  if (flags.json) {
    std::printf("%s\n", JsonLine({{"case", which.name},
                                  {"batch", which.batch},
                                  {"threads", flags.threads},
                                  {"isa", fused::NameOf(fused::CurrentIsa())},
                                  {"time_ratio", slow_ms / fast_ms},
                                  {"memory_ratio", slow.megabytes / fast.megabytes},
                                  {"reference_ms", slow_ms},
                                  {"ms", fast_ms},
                                  {"reference_mb", slow.megabytes},
                                  {"mb", fast.megabytes},
                                  {"loss_difference", apart}})
                            .c_str());
  } else {
    std::printf("%-20s %5lld %9.0f %9.0f %7.2fx %9.0f %9.0f %7.2fx  %.1e\n", which.name,
                static_cast<long long>(which.batch), slow_ms, fast_ms, slow_ms / fast_ms,
                slow.megabytes, fast.megabytes, slow.megabytes / fast.megabytes, apart);
  }
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::Status RunAll(const Flags& flags) {
  if (absl::Status status = fused::SetIsa(flags.isa); !status.ok()) return status;
  SetThreads(flags.threads);
  if (!flags.json) {
    std::printf("%d threads, %s, medians of %d interleaved steps\n", flags.threads,
                fused::NameOf(fused::CurrentIsa()), flags.repeats);
    std::printf("%-20s %5s %9s %9s %8s %9s %9s %8s  %s\n", "case", "batch", "ref. ms", "ms", "time",
                "ref. MB", "MB", "memory", "loss apart");
  }
  for (const Case& which : kCases) {
    if (!flags.only.empty() && which.name != flags.only) continue;
    const absl::Status status = CatchTorch("measuring", [&] { return RunCase(which, flags); });
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
  app.add_option("--isa", flags.isa, "none, avx2, avx512 or best");
  app.add_flag("--json", flags.json, "a JSON line a case");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = nasc::RunAll(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
