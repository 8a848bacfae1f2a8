#pragma once

#include <cstdint>
#include <map>

#include "compiler/ir/graph.h"
#include "runtime/task.h"

namespace nasc {

// What evaluations at a declared fidelity take in place of the search's own. An architecture means
// the same in all supernets.
struct FidelityLevel {
  ir::Graph supernet;
  Task task;
  int64_t steps = 0;  // of the training of one trial
};

using FidelityLevels = std::map<double, FidelityLevel>;  // by the part of a trial's budget

}  // namespace nasc
