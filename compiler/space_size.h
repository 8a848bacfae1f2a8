#pragma once

#include <gmpxx.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace nasc {

// The number of architectures of a space.
struct SpaceSize {
  mpz_class count;  // exact, or the nearest whole number to an estimate
  bool exact = true;
  double error = 0;    // of an estimate: the standard error
  std::string method;  // of an estimate: how it was made

  // "15625", or "1.234e+18 +- 2.1e+16".
  std::string ToString() const;
};

// How many architectures fulfil the constraints; exact unless too much has to be told apart, which
// only constraints on large sums do.
SpaceSize CountArchitectures(const std::vector<ir::Decision>& decisions,
                             const std::vector<ir::Constraint>& constraints);

// By decision, which of its options any architecture takes that fulfils the constraints; nothing
// where that would have to tell too much apart.
std::optional<std::vector<std::vector<bool>>> OptionsTaken(
    const std::vector<ir::Decision>& decisions, const std::vector<ir::Constraint>& constraints);

}  // namespace nasc
