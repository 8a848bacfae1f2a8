#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

using ArchitectureCost = std::function<int64_t(const Architecture& architecture)>;

// The least cost of an architecture that was found, or the first that is `enough`: begins with
// `first`, then with others at random, and changes one decision at a time as long as that is not
// dearer. Nothing where none was found that fulfils the constraints.
std::optional<int64_t> SearchLeast(const ArchitectureCost& cost, int64_t enough, Architecture first,
                                   const std::vector<ir::Decision>& decisions,
                                   const std::vector<ir::Constraint>& constraints);

}  // namespace nasc
