#pragma once

#include <string>
#include <vector>

#include "compiler/algebra/rule_set.h"
#include "compiler/algebra/term_builder.h"
#include "compiler/architecture.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What an architecture computes as its logits, as a hash: the same for two architectures of one
// scale exactly when the rules say that they compute the same for all weights. It does not depend
// on names, so it finds duplicates across spaces too, and never says whether weights fit.
class FunctionHasher {
 public:
  explicit FunctionHasher(const ir::Graph& supernet, const RuleSet& rules = RuleSets()[0]);
  FunctionHasher(const FunctionHasher&) = delete;
  FunctionHasher& operator=(const FunctionHasher&) = delete;

  Hash128 Of(const Architecture& architecture);

  // The instructions with weights that the architecture uses, by name, in an order that is the same
  // for all architectures of one hash (rule set `exact`): with the i-th weights of one as the i-th
  // of the other both compute the same numbers.
  std::vector<std::string> WeightsOf(const Architecture& architecture);

 private:
  const ir::Graph graph_;
  const RuleSet rules_;
  TermBuilder builder_;
};

}  // namespace nasc
