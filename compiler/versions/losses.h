#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/space_size.h"
#include "compiler/versions/changes.h"
#include "compiler/versions/space_map.h"

namespace nasc {

// Architectures of the old version that are not in the new one, for one reason.
struct Loss {
  enum class Kind {
    kOption,       // an option is gone
    kDecision,     // a decision is gone
    kNewDecision,  // a decision is new, for which they have no value
    kCount,        // a decision takes fewer or more options than they do
    kAlive,        // a decision has a value in other networks than before
    kRequirement,  // a requirement
    kComputes,     // they are there, and compute something else
  };
  Kind kind = Kind::kOption;
  std::string subject;             // the option, the decision, the requirement, the instruction
  std::string what;                // of kComputes: "kernel 3 -> 5"; of kCount "2 -> 3"
  std::vector<std::string> where;  // the old paths of the decisions that it is about
  std::vector<ir::Condition> when = {};  // one of these: the architectures
  // How many: nothing where that is not known exactly.
  std::optional<mpz_class> count = {};
  std::optional<Architecture> example = {};
};

// "option", "decision", ...: the words for programs.
const char* NameOf(Loss::Kind kind);

struct Losses {
  std::vector<Loss> losses;  // that lose an architecture, each by itself
  SpaceSize before;
  SpaceSize kept;
  bool exact = true;  // otherwise some that are named lost may not be
};

// Whether the network of an architecture computes the same in the new version, at every scale.
using ComputesTheSame = std::function<bool(const Architecture&)>;

// What is lost of the architectures of the old version; `changes` are those at all scales, of which
// `same` has the last word: where there are few architectures, of all of them, else of examples.
// `few` is how many that are.
Losses LossesOf(const SpaceMap& map, const std::vector<Change>& changes,
                const ComputesTheSame& same, int64_t few);

}  // namespace nasc
