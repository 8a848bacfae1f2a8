#pragma once

#include <string>
#include <vector>

#include "compiler/hash128.h"
#include "compiler/space_size.h"
#include "compiler/versions/compiled_space.h"
#include "compiler/versions/losses.h"
#include "compiler/versions/version_step.h"

namespace nasc {

// What became of a name from one version to the next.
enum class Edit { kCame, kWent, kRenamed, kMoved, kChanged };

// "came", "went", ...
const char* NameOf(Edit edit);

// A decision, a scale, or a requirement.
struct NamedEdit {
  Edit edit = Edit::kCame;
  std::string name;      // its old name where it had one
  std::string new_name;  // where it has one
  std::string what;      // "2 of [prev_prev, prev]"; of a change "2 -> 3 options"

  friend bool operator==(const NamedEdit& a, const NamedEdit& b) {
    return a.edit == b.edit && a.name == b.name && a.new_name == b.new_name && a.what == b.what;
  }
};

// An option, in all decisions of which the same is true. kChanged: it is in results now, or no
// longer. kMoved: it has another place in the order.
struct OptionEdit {
  Edit edit = Edit::kCame;
  std::string option;
  std::string new_option;
  std::string what;
  std::vector<std::string> decisions;  // old paths; of kCame new ones
};

// Something that is computed otherwise.
struct NetworkEdit {
  std::string at;                      // a candidate, or an instruction
  std::string what;                    // "kernel 3 -> 5"
  std::vector<std::string> decisions;  // of a candidate: old paths
  std::vector<std::string> scales;
  bool training_only = false;  // no architecture computes something else by it
};

// What differs between two versions of a space, and what that means for those who use it.
struct SpaceDiff {
  struct Version {
    std::string name;
    std::string version;
    Hash128 identity;
    SpaceSize size;
  };
  Version before;
  Version after;
  std::vector<NamedEdit> decisions;
  std::vector<OptionEdit> options;
  std::vector<NamedEdit> requirements;
  std::vector<NamedEdit> scales;
  std::vector<NetworkEdit> network;

  std::vector<Loss> losses;
  SpaceSize kept;     // old architectures that are still there and compute the same
  bool exact = true;  // see Losses
  std::vector<ir::Decision> old_decisions;  // those of the examples of losses

  VersionStep needed = VersionStep::kNone;
  VersionStep made = VersionStep::kNone;  // by the header
  bool enough() const { return made >= needed && !GoesBack(before.version, after.version); }
};

// `after.renames` say what `before` called things. A rename whose old name `before` does not have
// is one of a version before it, and means nothing.
SpaceDiff DiffSpaces(const CompiledSpace& before, const CompiledSpace& after);

}  // namespace nasc
