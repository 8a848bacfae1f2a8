#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/source.h"

namespace nasc {

// A value for every decision that is alive, in canonical form: picks ascend, dead decisions have
// none. Two architectures of a space are the same exactly when they compare equal.
struct Architecture {
  std::vector<std::vector<int>> picks;  // options taken, by decision

  friend bool operator==(const Architecture& a, const Architecture& b) {
    return a.picks == b.picks;
  }

  template <typename H>
  friend H AbslHashValue(H hash, const Architecture& architecture) {
    return H::combine(std::move(hash), architecture.picks);
  }
};

// The branch that an architecture takes at a variable of a diagram; the first where the decision
// has no value, since nothing depends on it then.
int BranchTaken(const Architecture& architecture, const ir::Variable& variable);

// Whether the decision counts. Decisions precede those that depend on them, so the picks of earlier
// ones suffice.
bool IsAlive(const ir::Decision& decision, const Architecture& architecture);

// Whether the constraints of a space hold. One that does not ask about the architecture does.
bool Fulfils(const Architecture& architecture, const ir::Constraint& constraint);
bool Fulfils(const Architecture& architecture, const std::vector<ir::Constraint>& constraints);

// In how many options two architectures of a space differ: those that one of them takes and the
// other does not. Exchanging an operation counts two, an edge more or less one.
int64_t Distance(const Architecture& a, const Architecture& b);

// Of an architecture in its space: the value of every decision that is alive.
Hash128 IdentityOf(const Architecture& architecture, const ir::Graph& supernet);

// The text of an architecture, which names its space by its identity too, and a line a decision:
//
//   architecture darts version 1.0.0 identity "3b5d61a88fcbbd2c1ac4ac4a1b0b1e7f" {
//     normal.n0.edges = { prev_prev, prev }
//     normal.n0.prev_prev.op = sep_conv_3x3
//   }
std::string Print(const Architecture& architecture, const ir::Graph& graph);

// Of such a text all but the first line, which two versions of a space have different.
absl::string_view ChoicesIn(absl::string_view text);

// Reads that text for the space of the graph, in any order; the identity may be left out. Nothing
// where a mistake was reported: another space, or identity, an unknown decision or option, a value
// that is missing, twice, or for a decision that is not alive, a constraint that does not hold.
std::optional<Architecture> ParseArchitecture(std::shared_ptr<const SourceFile> source,
                                              const ir::Graph& graph, Diagnostics& diagnostics);

}  // namespace nasc
