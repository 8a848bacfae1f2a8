#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "strategies/search_config.h"

namespace nasc {

// Searches of one space, compared on a published table with many seeds each.
struct ComparedSearch {
  std::string label;
  SearchConfig config;  // its evaluator needs no data, and reports at least one figure
  int64_t seeds = 0;    // 0, 1, ...
};

// What searches found with a budget, by seed: the first reported figure of the best by the signal.
struct ComparedResult {
  std::string label;
  int64_t trials = 0;
  std::vector<double> found;      // by seed
  std::vector<double> evaluated;  // trials that took an evaluation
  // The mean over seeds of the reported figure of the best so far, after so many trials: at the
  // budgets, and about ten times between one power of ten and the next.
  std::vector<int64_t> at;
  std::vector<double> curve;
};

// Runs every search with every budget and seed, on so many threads; results are ordered by search,
// then by budget, and do not depend on the threads. A figure is asked for only after the search
// that found it has ended. `progress` is called with the number of searches done, from one thread
// at a time; an error of it ends all. Errors: those of TrialStudy; an evaluator that needs data or
// reports nothing.
absl::StatusOr<std::vector<ComparedResult>> CompareSearches(
    const std::vector<ComparedSearch>& searches, const std::vector<int64_t>& budgets, int threads,
    const std::function<absl::Status(int64_t done)>& progress);

// The greatest (least, where objectives are minimized) of the reported figures that searches are
// compared by, of all architectures of the space, of which there may be `most`; with its name.
absl::StatusOr<std::pair<std::string, double>> BestReported(const SearchConfig& config,
                                                            int64_t most);

}  // namespace nasc
