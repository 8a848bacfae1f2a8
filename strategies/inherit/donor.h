#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/inherit/plan.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "dsl/options.h"
#include "runtime/parameter_store.h"
#include "runtime/saved_state.h"

namespace nasc {

// What the outputs of networks mean that are trained on such data: equal exactly where they are of
// the same data set, files, classes and targets.
std::string ClassesOf(const std::string& dataset, const Options& data);

// What a network inherits from: another trained network, or the supernet of a one-shot search.
struct Donor {
  std::string name;                          // for people: "runs/quick/derived"
  ir::Graph supernet;                        // at its scale, for its data
  std::optional<Architecture> architecture;  // nothing: all of them
  NamedTensors tensors;                      // of a supernet those of the widest options
  std::string classes;                       // what its outputs mean: see ClassesOf
  NamedTensors momenta = {};                 // of its training, by weight, where they are known
};

// The network that inherits.
struct Heir {
  const ir::Graph& supernet;
  const Architecture& architecture;
  const ir::Graph& network;        // with the architecture fixed
  std::string classes;             // where they are not the donor's, the last layer starts fresh
  std::vector<std::string> fresh;  // see InheritOptions
};

struct Inheritance {
  InheritPlan plan;
  NamedTensors tensors;  // those of the donor that the plan names, each whole
  NamedTensors momenta;  // by the heir's names, of weights whose shapes stay
};

// Error: FailedPrecondition where a supernet is of another space, or tensors are missing.
absl::StatusOr<Inheritance> PlanFrom(const Donor& donor, const Heir& heir);

}  // namespace nasc
