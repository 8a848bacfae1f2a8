#pragma once

#include "compiler/architecture.h"

namespace nasc {

// A strategy that knows architectures and how good they were, never tensors: it asks for one after
// the other to be evaluated.
class TrialStrategy {
 public:
  virtual ~TrialStrategy() = default;

  // The next architecture to evaluate.
  virtual Architecture Propose() = 0;

  // What came of a proposal: the objective, of which more is better; minus infinity where its
  // training diverged.
  virtual void Observe(const Architecture& architecture, double objective) = 0;
};

}  // namespace nasc
