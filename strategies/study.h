#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/task.h"
#include "strategies/final_training.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/registry.h"
#include "strategies/search_config.h"

namespace nasc {

// A search from its declaration to trained networks.
class Study {
 public:
  // Does all that can fail before anything is written: reads the data, builds the supernets, makes
  // the strategy.
  static absl::StatusOr<Study> Prepare(SearchConfig config);

  struct Final {
    std::string label;
    Architecture architecture;
    TrainedNetwork trained;
  };
  struct Summary {
    Architecture architecture;
    std::optional<Final> derived;  // where the declaration has a `final` line
    std::optional<Final> random;   // where it has a baseline as well
  };

  // Searches; then trains what was found, and a random architecture with the same budget. Writes
  // into the folder:
  //   architecture.arch            what was found
  //   supernet.pt, decisions.pt    of a one-shot search: shared weights, the strategy's parameters
  //   metrics.jsonl                a line a step, and one an evaluation
  //   derived/, random/            each an architecture with its trained weights
  // Stopped by the user, it saves what it has and returns Cancelled.
  absl::StatusOr<Summary> Run(const RunContext& run);

  // Trains an architecture as the `final` line says, which there must be, into the sub-folder
  // `label`.
  absl::StatusOr<Final> TrainFinal(const std::string& label, const Architecture& architecture,
                                   const RunContext& run);

  const SearchConfig& config() const { return config_; }
  const ir::Graph& supernet() const { return supernet_; }
  // At the final scale; nothing where there is no `final` line.
  const std::optional<ir::Graph>& final_supernet() const { return final_supernet_; }

 private:
  Study(SearchConfig config, Task task, ir::Graph supernet)
      : config_(std::move(config)), task_(std::move(task)), supernet_(std::move(supernet)) {}

  absl::StatusOr<Architecture> SearchOneShot(OneShotStrategy& strategy, ParameterStore& store,
                                             const RunContext& run);
  absl::StatusOr<Architecture> SearchTrials(const DecisionSpace& space, TrialStrategy& strategy,
                                            const RunContext& run);

  SearchConfig config_;
  Task task_;
  ir::Graph supernet_;
  std::optional<ir::Graph> final_supernet_;
};

// Lowers the space of a search at a scale for its data. Error: see LowerAt.
absl::StatusOr<ir::Graph> LowerFor(const Space& space, const std::string& scale, const Task& task);

}  // namespace nasc
