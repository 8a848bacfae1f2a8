#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/renames.h"
#include "runtime/task.h"
#include "strategies/final_training.h"
#include "strategies/inherit/donor.h"
#include "strategies/migrate/carried.h"
#include "strategies/registry.h"
#include "strategies/search_config.h"
#include "strategies/trial_study.h"

namespace nasc {

// A search from its declaration to trained networks.
class Study {
 public:
  // Does all that can fail before anything is written: reads the data, builds the supernets, makes
  // what evaluates.
  static absl::StatusOr<Study> Prepare(SearchConfig config);

  // One side of a comparison: what the search found, or what random search did with as much.
  struct Side {
    Architecture architecture;
    std::optional<TrialOutcome> trials;     // of a search by trials
    std::optional<TrainedNetwork> trained;  // where the declaration has a `final` line
  };
  struct Summary {
    Side found;
    std::optional<Side> random;       // nothing without a baseline
    std::vector<std::string> alarms;  // sentences about cells that collapsed
  };

  // Searches, and beside it at random with the same budget; then trains what both found. Writes
  // into the folder:
  //   architecture.arch            what was found
  //   trials.sqlite                every trial of both, see TrialStore
  //   supernet.safetensors, decisions.safetensors    of a one-shot search, see SearchOneShot
  //   metrics.jsonl                a line a step, and one an evaluation
  //   derived/, random/            each an architecture with its trained weights
  // With `resume` it goes on where the run in the folder stopped. Stopped by the user, it saves
  // what it has and returns Cancelled.
  absl::StatusOr<Summary> Run(const RunContext& run, bool resume);

  // Carries the results in the folder `from`, of this study on an earlier version of its space,
  // over into the folder of a new run, which goes on from there with `resume`. Writes the same
  // files as Run. `renames` came with the new version. Error: results that are damaged, or measured
  // otherwise.
  absl::StatusOr<Carried> CarryFrom(const Study& before, const std::string& from,
                                    const std::vector<Rename>& renames, const RunContext& run);

  // What final networks inherit from. Without, they start from the seed.
  void SetDonor(Donor donor) { donor_ = std::make_unique<Donor>(std::move(donor)); }

  const Donor& donor() const { return *donor_; }

  // Trains an architecture as the `final` line says, which there must be, into the sub-folder
  // `label`.
  absl::StatusOr<TrainedNetwork> TrainFinal(const std::string& label,
                                            const Architecture& architecture,
                                            const RunContext& run);

  // What the `final` line lets start fresh, by the beginnings of names.
  std::vector<std::string> FreshNames() const;

  const Task* task() const { return task_.get(); }
  const SearchConfig& config() const { return *config_; }
  const ir::Graph& supernet() const { return *supernet_; }
  // At the final scale; nullptr where there is no `final` line.
  const ir::Graph* final_supernet() const { return final_supernet_.get(); }

 private:
  Study() = default;

  // On the heap, as others keep pointers to them.
  std::unique_ptr<SearchConfig> config_;
  std::unique_ptr<Task> task_;  // nullptr where the search takes no data
  std::unique_ptr<ir::Graph> supernet_;
  std::unique_ptr<ir::Graph> final_supernet_;
  std::unique_ptr<TrialStudy> trials_;  // of a search by trials
  std::unique_ptr<Donor> donor_;        // nullptr: none
};

// Lowers the space of a search at a scale for its data, or as its `input` line says where there are
// none. Error: see LowerAt.
absl::StatusOr<ir::Graph> LowerFor(const Space& space, const std::string& scale, const Task* task);

}  // namespace nasc
