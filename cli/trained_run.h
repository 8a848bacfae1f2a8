#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/run.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "runtime/saved_state.h"
#include "runtime/task.h"

namespace nasc {

// A trained network of a run, as it was saved.
struct TrainedRun {
  RunRecord record;
  std::string folder;  // of the network
  LoadedSearch search;
  Task task;
  ir::Graph supernet;
  Architecture architecture;
  Program program;       // without what only training needs
  NamedTensors weights;  // all of the program, in its shapes
};

// Reads a network of the run in `folder`: the one that is named, or that of a search's result or a
// training. Takes threads and instructions as it was trained, where this machine can.
absl::StatusOr<TrainedRun> LoadTrainedRun(const std::string& folder, const std::string& network,
                                          RunFlags flags);

// The same without a change to how this process computes.
absl::StatusOr<TrainedRun> ReadTrainedRun(RunRecord record, const std::string& folder,
                                          const std::string& network);

}  // namespace nasc
