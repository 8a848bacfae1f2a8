#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/versions/translation.h"
#include "strategies/migrate/carried.h"

namespace nasc {

// Writes the network of the folder `from` into the folder `to`, with its architecture and weights
// under their new names, where the new version has it, and what its training goes on from where
// that has not ended; `translation` is between the supernets at its scale. Nothing where the folder
// holds none. Error: files that cannot be read or written.
absl::StatusOr<std::optional<CarriedItem>> CarryNetwork(const std::string& label,
                                                        const std::string& from,
                                                        const Translation& translation,
                                                        const std::string& to);

}  // namespace nasc
