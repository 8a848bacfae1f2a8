#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

struct SupernetEvolutionSpec {
  int64_t candidates = 1000;  // architectures that are scored in all
  int64_t population = 50;
  int64_t parents = 10;
  double mutation = 0.1;  // of the decisions of a child that is a mutation
  bool random = false;    // all candidates are drawn at random
};

// The search of single-path one-shot (Guo et al., ECCV 2020, algorithm 1): a random population,
// then generations of which one half are children of two of the best architectures scored so far,
// the other half mutations of one. What was scored is not scored again; where many children in a
// row were, one is drawn at random; where many of those were, the search ends. More is better; of
// equal scores the earlier wins. Error: that of `score`.
absl::StatusOr<ArchitectureCode> EvolveOnSupernet(
    const DecisionSpace& space, const SupernetEvolutionSpec& spec, Rng& rng,
    absl::FunctionRef<absl::StatusOr<double>(const Architecture&)> score);

}  // namespace nasc
