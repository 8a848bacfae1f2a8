#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "dsl/options.h"

namespace nasc {

class Task;
struct FidelityLevel;
struct RunContext;

struct Evaluation {
  const Architecture& architecture;
  int64_t trial = 0;                // from 1
  double fidelity = 1;              // the part of the budget of one trial that is spent, above 0
  const RunContext* run = nullptr;  // nullptr: nothing is written or shown
  const char* label = "trial";      // before the number, in progress and metrics
};

// The elements of weights by the weights' names, in the order of memory.
using WeightValues = std::map<std::string, std::vector<double>>;

// What says how good an architecture is, as numbers with names.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // The names of what is measured, such as "accuracy" and "loss".
  virtual const std::vector<std::string>& measures() const = 0;

  // Measures an architecture; `values` are as many as the measures, in their order. OutOfRange
  // where its training diverged: a bad architecture, not the end of a search. Cancelled where the
  // user stopped it.
  virtual absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) = 0;

  // Figures of what a search found that it must not look at, such as the test accuracy of a
  // published table; empty where there are none.
  virtual absl::StatusOr<std::vector<std::pair<std::string, double>>> Report(const Architecture&) {
    return std::vector<std::pair<std::string, double>>();
  }

  // The weights of the final network of an architecture, where the evaluator knows them from all
  // training examples; nothing where they are to be trained. `supernet` is at the final scale.
  virtual absl::StatusOr<std::optional<WeightValues>> Weights(const ir::Graph& /*supernet*/,
                                                              const Architecture&) {
    return std::optional<WeightValues>();
  }
};

// What an evaluator is made from. All that is named outlives it.
struct EvaluatorContext {
  const ir::Graph& supernet;  // at the scale of the search
  const Task* task;           // nullptr where the evaluator takes no data
  const Options& sgd;         // how weights are trained, of SgdOptionSpecs
  int64_t steps;              // of the training of one trial
  uint64_t seed;
  int64_t memory;  // bytes, of a step: see NetworkOptions
  // By fidelity; of others the part of the steps is trained. nullptr: none are declared.
  const std::map<double, FidelityLevel>* levels = nullptr;
};

// An evaluator as the `evaluate` line of a search names it. It registers itself, like a strategy.
struct EvaluatorInfo {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  bool takes_data = false;   // the declaration needs a `data` line
  bool takes_steps = false;  // its budget gives epochs or steps
  std::function<absl::StatusOr<std::unique_ptr<Evaluator>>(const EvaluatorContext& context,
                                                           const Options& options)>
      make;
  bool gives_weights = false;     // of final networks, which are then not trained: see Weights
  bool takes_fidelities = false;  // `fidelity` lines say what parts of its budget are
};

class EvaluatorRegistration {
 public:
  explicit EvaluatorRegistration(EvaluatorInfo info);
};

// nullptr if there is none.
const EvaluatorInfo* FindEvaluator(const std::string& name);

// In the order of their names.
std::vector<const EvaluatorInfo*> KnownEvaluators();

}  // namespace nasc
