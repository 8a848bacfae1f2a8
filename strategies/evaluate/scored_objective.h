#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "runtime/trainer.h"
#include "strategies/evaluate/measures.h"
#include "strategies/evaluate/objective.h"

namespace nasc {

// A search's objective over the score of an architecture, `accuracy` (of a regression `r2`) and
// `loss`, and over what the architecture costs: see measures.h. For strategies that score
// architectures themselves.
class ScoredObjective {
 public:
  // Errors: a name that is no measure; latency that is to be measured, which would not be the same
  // in a search that goes on; those of MakeMeasures.
  static absl::StatusOr<ScoredObjective> Create(const Objective& objective, bool regression,
                                                const MeasureContext& context);

  // More is better. -infinity where it has no value, or where `score` is OutOfRange.
  absl::StatusOr<double> Of(const Architecture& architecture, const absl::StatusOr<Score>& score);

 private:
  ScoredObjective(Objective objective, std::vector<std::unique_ptr<Evaluator>> costs)
      : objective_(std::move(objective)), costs_(std::move(costs)) {}

  Objective objective_;  // bound to quality, loss, costs
  std::vector<std::unique_ptr<Evaluator>> costs_;
};

}  // namespace nasc
