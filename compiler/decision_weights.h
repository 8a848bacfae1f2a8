#pragma once

#include <map>

#include "compiler/ir/graph.h"

namespace nasc {

// The softmax of the logits of decisions, added to a graph once however often a decision is used.
class DecisionWeights {
 public:
  explicit DecisionWeights(ir::Graph& graph) : graph_(graph) {}

  ir::ValueId Of(ir::DecisionId decision, const Location& location);

 private:
  ir::Graph& graph_;
  std::map<ir::DecisionId, ir::ValueId> made_;
};

}  // namespace nasc
