#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/versions/translation.h"
#include "strategies/migrate/carried.h"
#include "strategies/trial_store.h"

namespace nasc {

struct CarriedTrials {
  std::vector<TrialStore::Record> records;
  std::map<int64_t, int64_t> numbers;  // new by old
};

// The trials of a search, "search" or "random", whose architectures are in the new version and
// compute the same, as records of it: with new numbers, from 1 on, and with the metrics so long.
// What became of each trial is added to `carried`.
absl::StatusOr<CarriedTrials> CarryTrials(const std::string& search, const Translation& translation,
                                          TrialStore& from, int64_t metrics_bytes,
                                          Carried& carried);

}  // namespace nasc
