#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "runtime/data/loader.h"
#include "runtime/parameter_store.h"
#include "strategies/one_shot/early_stop.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// All that changes in the course of a one-shot search.
struct SearchState {
  const ir::Graph& supernet;  // as the space has it, which does not change
  ParameterStore& store;
  OneShotStrategy& strategy;
  EarlyStop& stop;
  Loader& training;
  Loader& validation;
  int64_t& steps;  // that were done
};

// Writes it with the length of the metrics, all at once or not at all.
absl::Status SaveSearch(const std::string& path, const SearchState& state, int64_t metrics);

// Sets a search that was made alike to what was saved; tensors of the store change in place.
// Returns the length of the metrics then. NotFound where there is no such file, DataLoss where it
// is damaged or of another search, FailedPrecondition where it is of another space.
absl::StatusOr<int64_t> RestoreSearch(const std::string& path, SearchState& state);

}  // namespace nasc
