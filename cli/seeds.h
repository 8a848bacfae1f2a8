#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/run.h"

namespace nasc {

// A search with several seeds, each a run of its own in a sub-folder seed-N, as many at a time as
// there are threads.
struct SeedRuns {
  std::string folder;  // of all of them
  uint64_t first = 0;
  int64_t count = 0;
  int threads = 0;   // of each run; 0: one
  std::string file;  // what each run searches
  std::string search;
  std::vector<std::string> flags;  // passed on to each
  bool json = false;
};

// Starts those that have not ended yet, goes on with those that were stopped, and prints what all
// found, with 95% intervals. Errors: a run that failed, with what it said; Cancelled where the user
// stopped them.
absl::Status RunSeeds(const SeedRuns& runs);

}  // namespace nasc
