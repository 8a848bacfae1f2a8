#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "strategies/fidelity.h"
#include "strategies/trial_study.h"

namespace nasc {

// Architectures as each fidelity of a search judges them.
struct FidelityRanks {
  std::vector<Fidelity> fidelities;  // ascending; the last one is a whole trial
  std::vector<double> seconds;       // that an architecture took, the mean by fidelity
  std::string measure;               // the first one of the evaluator
  std::vector<std::string> architectures;
  // By fidelity, of every architecture; minus infinity where its training diverged.
  std::vector<std::vector<double>> scores;
};

// Draws up to `count` different architectures and evaluates each at every declared fidelity and at
// 1. `after_each` is called with the number of evaluations done; its error ends it, as those of
// evaluators do.
absl::StatusOr<FidelityRanks> RankByFidelities(
    const SearchConfig& config, TrialStudy& study, int64_t count,
    const std::function<absl::Status(int64_t done)>& after_each);

}  // namespace nasc
