#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "compiler/versions/translation.h"
#include "strategies/migrate/carried.h"

namespace nasc {

// The networks that trials keep for later ones to inherit from (WeightStore), out of the folder
// `from`, which may be missing, into the folder `to`, under the numbers that trials have now. What
// became of each is added to `carried`.
absl::Status CarryStoredWeights(const std::string& from, const Translation& translation,
                                const std::map<int64_t, int64_t>& numbers, const std::string& to,
                                Carried& carried);

}  // namespace nasc
