#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "strategies/trial/architecture_code.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// What a trial-based strategy searches with.
struct TrialContext {
  const DecisionSpace& space;  // these two outlive the strategy
  const ir::Graph& supernet;   // for those that look at what architectures compute
  int64_t trials = 0;          // how many it may propose
  int objectives = 1;          // one, but for strategies that take several
  uint64_t seed = 0;
};

// A strategy that knows architectures and how good they were, never tensors: it asks for one after
// the other to be evaluated. It is a function of its context and of what it observed, so that a
// search goes on by showing it again what it saw: it draws randomness from an Rng of the context's
// seed only.
class TrialStrategy {
 public:
  virtual ~TrialStrategy() = default;

  // The next architecture to evaluate; nothing where the strategy has no more.
  virtual std::optional<ArchitectureCode> Propose() = 0;

  // What came of a proposal: its objectives, of each of which more is better; minus infinity where
  // its training diverged. It comes before the next proposal is asked for.
  virtual void Observe(const ArchitectureCode& architecture,
                       absl::Span<const double> objectives) = 0;

  // The same of a trial that it did not propose, of a search on an earlier version of the space.
  // All of them come before the first proposal.
  virtual void Learn(const ArchitectureCode& architecture, absl::Span<const double> objectives) {
    Observe(architecture, objectives);
  }
};

}  // namespace nasc
