#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "strategies/inherit/donor.h"
#include "strategies/study.h"

namespace nasc {

// Reads what a network is to inherit from: a run ("runs/quick": what its search found, or its
// training), one of its networks ("runs/quick/random"), or the supernet of a one-shot search
// ("runs/quick/supernet").
absl::StatusOr<Donor> LoadDonor(const std::string& path);

// Study::Prepare, with the donor that the declaration names, if any.
absl::StatusOr<Study> PrepareStudy(const SearchConfig& config);

}  // namespace nasc
