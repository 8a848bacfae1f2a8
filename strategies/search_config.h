#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/options.h"
#include "dsl/sources.h"
#include "dsl/space.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/objective.h"
#include "strategies/fidelity.h"

namespace nasc {

// How much a search, or the training of one network, may spend; 0 where it does not say.
struct Budget {
  int64_t epochs = 0;
  int64_t steps = 0;
  int64_t trials = 0;

  // Steps of a training whose epoch has that many batches.
  int64_t StepsFor(int64_t batches_per_epoch) const {
    return steps > 0 ? steps : epochs * batches_per_epoch;
  }
};

// A search declaration with every setting read: what was written, or its default.
struct SearchConfig {
  std::string name;
  Space space;
  std::string scale;
  std::string dataset;
  Options data;
  std::string strategy;
  Options strategy_options;
  std::string scheduler;  // "" where every trial has the whole budget of one
  Options scheduler_options;
  std::vector<Fidelity> fidelities;   // that are declared, ascending
  std::string evaluator;              // "" for strategies that train one supernet
  Options evaluator_options;          // of EvaluateOptionSpecs
  Options latency;                    // of LatencyOptionSpecs
  std::vector<Objective> objectives;  // none: the evaluator's first measure is maximized
  Options train;
  Budget budget;
  std::string final_scale;
  Budget final_budget;
  Options final_options;  // what `final` does not say of SGD is as in `train`
  std::string inherit;    // the run that final networks inherit from; "": none
  bool random_baseline = true;
  uint64_t seed = 0;
  int64_t memory = 0;  // bytes, of a step of training: see NetworkOptions
};

// What an `evaluate` line may set: the evaluator's own options, and those of all.
//   skip_duplicates  whether an architecture that computes the same as an earlier one gets what
//   that
//                    one measured, without an evaluation
std::vector<OptionSpec> EvaluateOptionSpecs(const EvaluatorInfo& evaluator);

// Reads a declaration of a checked file. Nothing where mistakes were reported.
std::optional<SearchConfig> ReadSearch(const ast::SearchDecl& search, const Module& module,
                                       Diagnostics& diagnostics);

// The names of all declarations of a file, in their order.
std::vector<std::string> SearchNames(const Module& module);

// The declaration of that name, or the only one for "". Error: none, or several (with the names).
absl::StatusOr<const ast::SearchDecl*> FindSearch(const Module& module, const std::string& name);

}  // namespace nasc
