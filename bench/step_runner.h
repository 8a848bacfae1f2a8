#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "runtime/network.h"
#include "runtime/optimizer.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"

// Networks of the benchmark and their steps.
namespace nasc {

enum class Step { kWeights, kDecisions, kBoth, kSecondOrder };

inline constexpr char kMixture[] = "";
// One option of every choice, drawn anew for every step: what GDAS trains. Ours compiles every
// sample within the time that is measured, the reference before it.
inline constexpr char kSample[] = "sample";

struct Case {
  const char* name;
  const char* space;  // a file below examples/
  const char* scale;
  const char* architecture;  // a file below examples/, or kMixture or kSample
  int64_t batch;
  Step step;
  bool recompute = false;  // ours: what the backward part needs, instead of keeping it
};

// The supernet of a case and how to make networks of it.
class Subject {
 public:
  static absl::StatusOr<Subject> Load(const Case& which);

  // With all the weights that any step needs.
  absl::StatusOr<Program> Whole() const;

  // Whether every step has a program of its own.
  bool samples() const { return samples_; }
  absl::StatusOr<Program> Sample(uint64_t step) const;

 private:
  ir::Graph supernet_;
  std::optional<Architecture> architecture_;
  bool samples_ = false;
};

// A network and what its steps need.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Make(const Subject& subject, int64_t batch,
                                                      bool reference,
                                                      const NetworkOptions& options = {});

  // The milliseconds of a step.
  absl::StatusOr<double> Run(Step step);

  // Of the step before.
  int64_t kernels() const { return kernels_; }
  int64_t macs() const { return macs_; }  // not counted of the reference
  double loss() const { return loss_; }

 private:
  Runner(const Subject& subject, bool reference, NetworkOptions options)
      : subject_(subject),
        store_(at::kFloat, 1),
        reference_(reference),
        options_(std::move(options)) {}

  absl::Status Take(const Program& program);
  absl::Status TakeSample();
  void SetGradients(const StepGoal& goal);
  void RunOnce(bool weights);
  absl::Status StepSecondOrder();

  const Subject& subject_;
  ParameterStore store_;
  bool reference_;
  NetworkOptions options_;
  uint64_t samples_taken_ = 0;
  int64_t kernels_ = 0;
  int64_t macs_ = 0;
  std::unique_ptr<Network> network_;
  Network::Logits logits_;
  at::Tensor images_;
  at::Tensor labels_;
  std::vector<at::Tensor> weights_;
  std::unique_ptr<WeightOptimizer> sgd_;
  std::unique_ptr<Optimizer> adam_;
  double loss_ = 0;
};

}  // namespace nasc
