// How long training steps take and how much memory, against the same network on LibTorch's
// operators as the papers' codes use them: see docs/performance.md.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <malloc.h>
#include <torch/csrc/autograd/function.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/space_file.h"
#include "compiler/draw.h"
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
#include "runtime/unrolled_step.h"

namespace nasc {
namespace {

enum class Step { kWeights, kDecisions, kBoth, kSecondOrder };

constexpr char kMixture[] = "";
// One option of every choice, drawn anew for every step: what GDAS trains. Ours compiles every
// sample within the time that is measured, the reference before it.
constexpr char kSample[] = "sample";

struct Case {
  const char* name;
  const char* space;  // a file below examples/
  const char* scale;
  const char* architecture;  // a file below examples/, or kMixture or kSample
  int64_t batch;
  Step step;
  bool recompute = false;  // ours: what the backward part needs, instead of keeping it
};

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

// The supernet of a case and how to make networks of it.
class Subject {
 public:
  static absl::StatusOr<Subject> Load(const Case& which) {
    const std::string folder = "examples/";
    absl::StatusOr<Sources> sources = LoadChecked(folder + which.space);
    if (!sources.ok()) return sources.status();
    absl::StatusOr<Space> space = SpaceIn(*sources);
    if (!space.ok()) return space.status();
    Subject subject;
    absl::StatusOr<ir::Graph> graph = LowerAt(*space, {which.scale, std::nullopt});
    if (!graph.ok()) return graph.status();
    subject.supernet_ = *std::move(graph);
    const std::string architecture = which.architecture;
    subject.samples_ = architecture == kSample;
    if (!subject.samples_ && architecture != kMixture) {
      absl::StatusOr<Architecture> loaded =
          LoadArchitecture(folder + architecture, subject.supernet_);
      if (!loaded.ok()) return loaded.status();
      subject.architecture_ = *std::move(loaded);
    }
    return subject;
  }

  // With all the weights that any step needs.
  absl::StatusOr<Program> Whole() const {
    return architecture_.has_value() ? Built(Fix(supernet_, *architecture_))
                                     : Built(RelaxToMixture(supernet_));
  }

  // Whether every step has a program of its own.
  bool samples() const { return samples_; }
  absl::StatusOr<Program> Sample(uint64_t step) const {
    Rng rng(step);
    return Built(RelaxToSample(
        supernet_, DrawSample(supernet_.decisions, [&rng](uint64_t n) { return rng.Below(n); })));
  }

 private:
  static absl::StatusOr<Program> Built(absl::StatusOr<ir::Graph> graph) {
    if (!graph.ok()) return graph.status();
    return BuildProgram(*graph);
  }

  ir::Graph supernet_;
  std::optional<Architecture> architecture_;
  bool samples_ = false;
};

// The operators of a backward part that autograd recorded.
int64_t CountBackward(const at::Tensor& loss) {
  std::set<const torch::autograd::Node*> seen;
  std::vector<const torch::autograd::Node*> open = {loss.grad_fn().get()};
  while (!open.empty()) {
    const torch::autograd::Node* node = open.back();
    open.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    for (const torch::autograd::Edge& edge : node->next_edges())
      open.push_back(edge.function.get());
  }
  return static_cast<int64_t>(seen.size());
}

// A network and what its steps need.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Make(const Subject& subject, int64_t batch,
                                                      bool reference,
                                                      const NetworkOptions& options = {}) {
    auto runner = std::unique_ptr<Runner>(new Runner(subject, reference, options));
    absl::StatusOr<Program> program = subject.Whole();
    if (!program.ok()) return program.status();
    absl::Status status = runner->Take(*program);
    if (!status.ok()) return status;
    if (reference) {
      for (const auto& [name, tensor] : runner->store_.tensors()) {
        tensor.set_data(tensor.contiguous());
      }
    }
    Rng rng(1);
    for (const ProgramDecision& decision : program->decisions) {
      runner->logits_[decision.path] =
          Gaussian({decision.options}, rng).set_requires_grad(reference);
    }
    std::vector<int64_t> shape = program->input_shape;
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

  // The milliseconds of a step.
  absl::StatusOr<double> Run(Step step) {
    double milliseconds = 0;
    kernels_ = 0;
    for (const bool weights : {false, true}) {
      if (step == (weights ? Step::kDecisions : Step::kWeights)) continue;
      if (subject_.samples() && reference_) {
        if (absl::Status status = TakeSample(); !status.ok()) return status;
      }
      const auto begin = std::chrono::steady_clock::now();
      if (subject_.samples() && !reference_) {
        if (absl::Status status = TakeSample(); !status.ok()) return status;
      }
      if (step == Step::kSecondOrder && !weights) {
        if (absl::Status status = StepSecondOrder(); !status.ok()) return status;
      } else {
        RunOnce(weights);
      }
      milliseconds +=
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count();
    }
    return milliseconds;
  }

  int64_t kernels() const { return kernels_; }
  double loss() const { return loss_; }

 private:
  Runner(const Subject& subject, bool reference, NetworkOptions options)
      : subject_(subject),
        store_(at::kFloat, 1),
        reference_(reference),
        options_(std::move(options)) {}

  absl::Status Take(const Program& program) {
    absl::StatusOr<Network> network = Network::Create(program, store_, options_);
    if (!network.ok()) return network.status();
    network_ = std::make_unique<Network>(*std::move(network));
    return absl::OkStatus();
  }

  absl::Status TakeSample() {
    absl::StatusOr<Program> program = subject_.Sample(++samples_taken_);
    return program.ok() ? Take(*program) : program.status();
  }

  static at::Tensor Gaussian(const std::vector<int64_t>& shape, Rng& rng) {
    at::Tensor tensor = at::empty(shape, at::kFloat);
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      tensor.data_ptr<float>()[i] = static_cast<float>(rng.Gaussian());
    }
    return tensor;
  }

  // The papers' codes compute all gradients in every step; ours only those that it is for.
  void SetGradients(const StepGoal& goal) {
    Rng rng(2);
    ForwardMode mode;
    mode.training = true;
    mode.rng = &rng;
    if (reference_) {
      const at::Tensor loss = network_->Loss(network_->Reference(images_, logits_, mode), labels_);
      loss_ = loss.item<double>();
      kernels_ += static_cast<int64_t>(network_->program().steps.size()) + CountBackward(loss);
      loss.backward();
    } else {
      loss_ = network_->Step(images_, labels_, logits_, mode, goal).loss;
      kernels_ += static_cast<int64_t>(network_->Compiled(true, goal).program().steps.size());
    }
  }

  void RunOnce(bool weights) {
    sgd_->ZeroGrad();
    adam_->ZeroGrad();
    SetGradients({weights, !weights});
    if (weights) {
      ClipGradients(weights_, 5);
      sgd_->Step(kRate);
    } else {
      adam_->Step(kDecisionRate);
    }
  }

  absl::Status StepSecondOrder() {
    UnrolledStep step;
    step.weights = weights_;
    for (const auto& [path, tensor] : logits_) step.logits.push_back(tensor);
    step.rate = kRate;
    const auto gradients = [this](bool weights, bool decisions) {
      return [this, weights, decisions] {
        SetGradients({weights, decisions});
        return absl::OkStatus();
      };
    };
    step.training_by_weights = gradients(true, false);
    step.training_by_decisions = gradients(false, true);
    step.validation_by_both = gradients(true, true);
    step.preview = [this] { sgd_->Preview(kRate); };
    absl::Status status = SetUnrolledGradients(step);
    if (status.ok()) adam_->Step(kDecisionRate);
    return status;
  }

  static constexpr double kRate = 0.025;
  static constexpr double kDecisionRate = 3e-4;

  const Subject& subject_;
  ParameterStore store_;
  bool reference_;
  NetworkOptions options_;
  uint64_t samples_taken_ = 0;
  int64_t kernels_ = 0;
  std::unique_ptr<Network> network_;
  Network::Logits logits_;
  at::Tensor images_;
  at::Tensor labels_;
  std::vector<at::Tensor> weights_;
  std::unique_ptr<Sgd> sgd_;
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

absl::Status RunCase(const Case& which, const Flags& flags) {
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
                                  {"loss_difference", apart}})
                            .c_str());
  } else {
    std::printf("%-20s %5lld %9.0f %9.0f %7.2fx %9.0f %9.0f %7.2fx %8lld %8lld  %.1e\n", which.name,
                static_cast<long long>(which.batch), slow_ms, fast_ms, slow_ms / fast_ms,
                slow.megabytes, fast.megabytes, slow.megabytes / fast.megabytes,
                static_cast<long long>((*reference)->kernels()),
                static_cast<long long>((*ours)->kernels()), apart);
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
    std::printf("%-20s %5s %9s %9s %8s %9s %9s %8s %8s %8s  %s\n", "case", "batch", "ref. ms", "ms",
                "time", "ref. MB", "MB", "memory", "ref. ops", "ops", "loss apart");
  }
  for (const Case& which : kCases) {
    if (!flags.only.empty() && which.name != flags.only) continue;
    if (flags.batch > 0 && which.batch != flags.batch) continue;
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
