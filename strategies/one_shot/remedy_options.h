#pragma once

#include <vector>

#include "dsl/options.h"

namespace nasc {

// What every one-shot strategy takes beside its own options, against collapse: see early_stop.h.
std::vector<OptionSpec> RemedyOptionSpecs();

}  // namespace nasc
