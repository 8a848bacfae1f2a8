#pragma once

#include <vector>

#include "compiler/relax.h"
#include "dsl/options.h"

namespace nasc {

// What a strategy that relaxes to a mixture lets a search declaration say of it: `partial_channels`
// and `edge_normalization`.
std::vector<OptionSpec> MixtureOptionSpecs(const MixtureOptions& defaults);

MixtureOptions ReadMixtureOptions(const Options& options);

}  // namespace nasc
