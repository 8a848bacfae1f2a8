#pragma once

#include "runtime/run/metrics.h"
#include "runtime/run/progress.h"
#include "runtime/run/run_folder.h"

namespace nasc {

// Where a run writes and what it shows.
struct RunContext {
  const RunFolder& folder;
  MetricsLog& metrics;
  Progress& progress;
};

}  // namespace nasc
