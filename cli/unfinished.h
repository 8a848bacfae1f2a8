#pragma once

#include <optional>
#include <string>

#include "cli/run.h"

namespace nasc {

// The folder of the last run of the same search that has not ended and that no process works on:
// the same texts, declaration, settings and number of seeds, and the seed of `search`. Only the run
// of that name where `flags` give one.
std::optional<std::string> FindUnfinished(const RunFlags& flags, const LoadedSearch& search,
                                          int64_t seeds);

}  // namespace nasc
