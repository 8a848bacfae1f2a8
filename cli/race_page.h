#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/run/json.h"

namespace nasc {

// A search with one seed, up to what reached the target.
struct Heat {
  std::string search;
  std::string strategy;
  uint64_t seed = 0;
  bool reached = false;  // else what it took is its whole budget
  double seconds = 0;    // of the processor, of the search alone
  int64_t macs = 0;      // of the search alone
  int64_t trials = 0;    // 0: a one-shot search
  int64_t steps = 0;     // of a one-shot search
  double accuracy = 0;   // the best on the test images of what was found up to there
};

JsonFields HeatJson(const Heat& heat);
// Error: a field is missing.
absl::StatusOr<Heat> ReadHeat(const JsonObject& object);

struct RaceResult {
  std::string command;  // that made it
  std::string facts;    // what it ran on: "1 thread, avx2"
  double target = 0;
  int64_t seeds = 0;
  std::vector<Heat> heats;  // those of a search one after the other, in the order of the file
};

// A line a search, for a terminal.
std::string RaceTable(const RaceResult& race);

// The table with pictures, as one HTML file.
std::string RacePage(const RaceResult& race);

}  // namespace nasc
