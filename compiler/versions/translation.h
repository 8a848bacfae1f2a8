#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/versions/changes.h"
#include "compiler/versions/renames.h"
#include "compiler/versions/space_map.h"

namespace nasc {

// From one version of a space to the next one, at one scale.
class Translation {
 public:
  // Both supernets outlive it.
  Translation(const ir::Graph& before, const ir::Graph& after, const std::vector<Rename>& renames)
      : renames_(renames, before.decisions),
        map_(before, after, renames_),
        changes_(ChangesOf(before, after, map_, renames_).changes) {}

  // The architecture of the new version that has the same choices and computes the same. Error:
  // NotFound, which says why there is none.
  absl::StatusOr<Architecture> Of(const Architecture& architecture) const;

  const SpaceMap& map() const { return map_; }
  const Renames& renames() const { return renames_; }

 private:
  const Renames renames_;
  const SpaceMap map_;
  const std::vector<Change> changes_;
};

}  // namespace nasc
