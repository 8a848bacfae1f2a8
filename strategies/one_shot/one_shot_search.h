#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/translation.h"
#include "runtime/task.h"
#include "strategies/migrate/carried.h"
#include "strategies/run_context.h"
#include "strategies/search_config.h"

namespace nasc {

// A search that trains one supernet. All that is named outlives it.
struct OneShotSearch {
  const SearchConfig& config;  // its strategy is a one-shot strategy
  const ir::Graph& supernet;   // at the scale of the search
  const Task& task;
};

// What the search cannot do, before anything is written: too few examples for a batch, a space that
// the strategy cannot relax, options that it cannot fulfil.
absl::Status CheckOneShot(const OneShotSearch& inputs);

// Searches. Writes into the run's folder:
//   search.safetensors     all that the search goes on from: at its beginning, about once a minute,
//                          when it is stopped, at its end
//   architecture.arch      what was found
//   supernet.safetensors   the shared weights
//   decisions.safetensors  the strategy's parameters
//   metrics.jsonl          {"phase": "search", ...} a step, "check" a check (see early_stop.h),
//                          "stop" where it ended early, "collapse" a cell that collapsed
// With `resume` it goes on from search.safetensors where that is there, bit for bit as if it had
// never stopped, with the metrics as they were then. Stopped by the user, it saves what it has and
// returns Cancelled.
absl::StatusOr<Architecture> SearchOneShot(const OneShotSearch& inputs, const RunContext& run,
                                           bool resume);

// Carries the search in the folder `from`, of `before`, over into the folder of a new run, that of
// `inputs` on a later version of the space: shared weights by name, what the strategy learnt of
// decisions, the steps done. It goes on from there with `resume`. What is new starts as it would in
// a new search. Error: those of RestoreSearch; what CheckOneShot says.
absl::StatusOr<Carried> CarryOneShot(const OneShotSearch& before, const std::string& from,
                                     const Translation& translation, const OneShotSearch& inputs,
                                     const RunContext& run);

// The file names of a one-shot search in the run's folder.
inline constexpr char kSearchFile[] = "search.safetensors";
inline constexpr char kSupernetFile[] = "supernet.safetensors";
inline constexpr char kDecisionsFile[] = "decisions.safetensors";

}  // namespace nasc
