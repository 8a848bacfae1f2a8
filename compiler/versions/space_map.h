#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/renames.h"

namespace nasc {

// Which decisions and options of an old version of a space are which of a new one, by their names.
class SpaceMap {
 public:
  static constexpr int kNone = -1;

  // The decisions are the same at every scale, so any supernet of each version will do; both
  // outlive the map.
  SpaceMap(const ir::Graph& old_supernet, const ir::Graph& new_supernet, const Renames& renames);

  const ir::Graph& old_supernet() const { return old_; }
  const ir::Graph& new_supernet() const { return new_; }

  // The new decision of an old one and back, or kNone.
  int NewDecision(int old_decision) const { return new_decision_[old_decision]; }
  int OldDecision(int new_decision) const { return old_decision_[new_decision]; }

  // Of the option of an old decision that of the new one, and back; kNone where the decision or the
  // option is not there.
  int NewOption(int old_decision, int old_option) const {
    return new_option_[old_decision][old_option];
  }
  int OldOption(int new_decision, int new_option) const {
    return old_option_[new_decision][new_option];
  }

  // The architecture with the same choices in the new version. Error: NotFound, which says why
  // there is none. It may compute something else: see ChangesOf.
  absl::StatusOr<Architecture> Translate(const Architecture& architecture) const;

 private:
  const ir::Graph& old_;
  const ir::Graph& new_;
  std::vector<int> new_decision_;
  std::vector<int> old_decision_;
  std::vector<std::vector<int>> new_option_;
  std::vector<std::vector<int>> old_option_;
};

// A function of the decisions of the new version as one of those of the old: what it is for the
// translated architecture. Undefined where the architecture has no translation. Error: too many
// nodes.
template <typename Leaf>
absl::StatusOr<ir::Diagram<Leaf>> InOldDecisions(const ir::Diagram<Leaf>& diagram,
                                                 const SpaceMap& map);

// The same of a number.
absl::StatusOr<ir::Dim> InOldDecisions(const ir::Dim& dim, const SpaceMap& map);

}  // namespace nasc
