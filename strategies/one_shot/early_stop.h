#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "dsl/options.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// Ends a one-shot search before its cells collapse, by the options of RemedyOptionSpecs. Looked at
// every `check_every` steps:
//
// - `stop_skips` (Liang et al., DARTS+, 2019, section 4): a cell of the architecture that the
//   decisions stand for takes more identities than so many, and at the check before no cell did,
//   whose architecture is the result. A search that begins above the limit goes on.
// - `stop_eigenvalue` (Zela et al., ICLR 2020, section 4.3): with l(i) the dominant eigenvalue of
//   the Hessian of the validation loss in the decisions, averaged over the `stop_window` checks k
//   around i, l(i - k) < stop_eigenvalue * l(i). The result is the architecture of i - k.
class EarlyStop {
 public:
  // `epoch` steps are an epoch; `supernet` is that of the space, before any remedy. InvalidArgument
  // where curvature is asked for and the strategy's decisions are not differentiable, or skips are
  // to be counted and it has no architecture before its end.
  static absl::StatusOr<EarlyStop> Create(const Options& options, const OneShotContext& context,
                                          const ir::Graph& supernet, OneShotStrategy& strategy,
                                          int64_t epoch);

  // What a check saw.
  struct Check {
    int64_t identities = 0;            // the most of a cell
    std::optional<double> eigenvalue;  // where it is watched
  };
  // After so many steps; nothing where it is no step to check at, or nothing is watched.
  absl::StatusOr<std::optional<Check>> After(int64_t steps, OneShotStrategy& strategy,
                                             const Batch& validation);

  // Whether the search is over; then why, and its result.
  bool stopped() const { return !reason_.empty(); }
  const std::string& reason() const { return reason_; }
  const Architecture& result() const { return result_; }

  // To go on with the same options: see OneShotStrategy. A search that was over stays so.
  NamedTensors Save() const;
  absl::Status Restore(const NamedTensors& saved);

 private:
  struct Seen {
    double eigenvalue = 0;
    Architecture architecture;
  };

  EarlyStop(const Options& options, const OneShotContext& context, const ir::Graph& supernet,
            int64_t epoch);

  void CompareIdentities(int64_t identities, const Architecture& architecture);
  void CompareEigenvalues(double eigenvalue, const Architecture& architecture);
  double Mean(size_t first) const;  // of a window of checks

  const ir::Graph& supernet_;
  const ParameterStore& store_;
  uint64_t seed_;
  int64_t most_identities_;  // below 0: any
  double ratio_;             // 0: not watched
  size_t window_;
  int64_t check_every_;

  std::optional<Architecture> within_;  // of the last check, where it kept the limit
  std::deque<Seen> seen_;               // of the last two windows of checks
  std::string reason_;
  Architecture result_;
};

}  // namespace nasc
