#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/cost.h"
#include "compiler/extremes.h"
#include "compiler/ir/graph.h"

// What people ask of a space or an architecture at one scale, in numbers.
namespace nasc {

// What any architecture of a space costs.
struct CostRange {
  Extremes weights;
  Extremes macs;
  Extremes activations;
};

struct PartCost {
  std::string name;  // "stem", "stage1.cell0.normal", "head"
  Cost cost;
};

struct ScaleFacts {
  std::string scale;
  std::string input;  // its type: "f32[N,3,32,32]"
  // Of the architecture, or of the supernet as a mixture: with and without the auxiliary head.
  // Nothing where decisions change shapes, so that no network holds all candidates.
  std::optional<Cost> cost;
  std::optional<Cost> with_auxiliary;
  std::string no_supernet;         // why `cost` is missing
  std::optional<CostRange> range;  // of a space
  std::vector<PartCost> parts;     // of an architecture: of the stem, each cell, the head
};

ScaleFacts FactsOfSpace(const ir::Graph& supernet);
// Error: the architecture is no network at this scale.
absl::StatusOr<ScaleFacts> FactsOfArchitecture(const ir::Graph& supernet,
                                               const Architecture& architecture);

}  // namespace nasc
