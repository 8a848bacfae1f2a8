#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/versions/translation.h"
#include "strategies/migrate/carried.h"
#include "strategies/trial_store.h"

namespace nasc {

// The trials of a search, "search" or "random", whose architectures are in the new version and
// compute the same, as records of it: with new numbers, from 1 on, and with the metrics so long.
// What became of each trial is added to `carried`.
absl::StatusOr<std::vector<TrialStore::Record>> CarryTrials(const std::string& search,
                                                            const Translation& translation,
                                                            TrialStore& from, int64_t metrics_bytes,
                                                            Carried& carried);

}  // namespace nasc
