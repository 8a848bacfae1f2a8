#pragma once

#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/options.h"
#include "dsl/space.h"

namespace nasc {

// What an evaluation is that counts as a part of the budget of a trial, along the axes of a
// `fidelity` line.
struct Fidelity {
  double part = 1;    // of the budget; declared ones are above 0 and below 1
  std::string scale;  // "": that of the search
  double epochs = 1;  // the part of a trial's epochs, or of its steps
  double data = 1;    // the part of the examples that weights are searched with
  int image = 0;      // the side in pixels of what the network takes; 0: as the data give it
};

// "scale = tiny  epochs = 0.5", the axes that are not full; "epochs = 1" where all are.
std::string Print(const Fidelity& fidelity);

// The axes that are numbers.
std::vector<OptionSpec> FidelityOptionSpecs();

// The `fidelity` lines of a search in a space, ascending. Mistakes are reported: a part that is no
// number between 0 and 1, or twice the same one, an unknown scale, axes out of range.
std::vector<Fidelity> ReadFidelities(const std::vector<ast::Fidelity>& lines, const Space& space,
                                     Diagnostics& diagnostics);

}  // namespace nasc
