#pragma once

#include <optional>
#include <vector>

#include "compiler/architecture.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// Every architecture of a space that fulfils the constraints, one when asked, in the order of
// ForEachArchitecture in compiler/draw.h. It holds one architecture, whatever the space's size.
class Enumerator {
 public:
  // The space outlives this.
  explicit Enumerator(const DecisionSpace& space);

  // Nothing after the last one.
  std::optional<ArchitectureCode> Next();

 private:
  bool Advance();
  bool NextPicks(size_t decision);
  void FirstPicksFrom(size_t decision);

  const DecisionSpace& space_;
  std::vector<std::vector<int>> places_;  // by decision, of the picks among the allowed options
  Architecture architecture_;
  bool begun_ = false;
};

}  // namespace nasc
