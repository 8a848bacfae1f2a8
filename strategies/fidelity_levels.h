#pragma once

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "runtime/task.h"
#include "strategies/evaluate/fidelity_level.h"
#include "strategies/search_config.h"

namespace nasc {

// What evaluations at the declared fidelities take. `steps` are those of a whole trial, of which a
// part is trained as `epochs` says and as `data` shortens an epoch. Errors, which name the
// fidelity: the space cannot take images of that size; a side for rows of a table.
absl::StatusOr<FidelityLevels> MakeFidelityLevels(const SearchConfig& config, const Task& task,
                                                  int64_t steps);

}  // namespace nasc
