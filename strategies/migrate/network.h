#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/versions/translation.h"
#include "strategies/migrate/carried.h"

namespace nasc {

// Writes the trained network of the folder `from` into the folder `to`, with its architecture and
// weights under their new names, where the new version has it; `translation` is between the
// supernets at its scale. Error: files that cannot be read or written.
absl::StatusOr<Carried> CarryNetwork(const std::string& label, const std::string& from,
                                     const Translation& translation, const std::string& to);

}  // namespace nasc
