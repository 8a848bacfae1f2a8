#pragma once

#include <vector>

#include "dsl/options.h"

namespace nasc {

// The settings of the measure `latency`.
const std::vector<OptionSpec>& LatencyOptionSpecs();

}  // namespace nasc
