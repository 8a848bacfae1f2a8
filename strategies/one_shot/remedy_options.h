#pragma once

#include <cstdint>
#include <vector>

#include "dsl/options.h"

namespace nasc {

// What every one-shot strategy takes beside its own options, against collapse: see early_stop.h,
// and compiler/partial_channels.h for `partial_channels`, whose default is a strategy's own.
std::vector<OptionSpec> RemedyOptionSpecs(int64_t partial_channels = 1);
inline constexpr char kPartialChannels[] = "partial_channels";

}  // namespace nasc
