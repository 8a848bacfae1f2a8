#pragma once

#include <vector>

#include "dsl/options.h"

namespace nasc {

// The settings that a `train sgd` line takes.
const std::vector<OptionSpec>& SgdOptionSpecs();

// The settings of a `final` line: those of the training of one network; what it does not say about
// SGD is as in the `train` line.
const std::vector<OptionSpec>& FinalOptionSpecs();

}  // namespace nasc
