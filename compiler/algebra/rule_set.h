#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// When two architectures count as the same function. `exact` is what the compiler means by it; the
// other is how papers count.
struct RuleSet {
  std::string name;
  std::string doc;
  // A candidate operation is one unknown function of its inputs, not the primitives that it is made
  // of: whatever two candidates do to zeros, it is not the same.
  bool whole_candidates = false;
  // Two uses of a value are told from uses of two equal values: 2 f(x) from f(x) + g(x), where f
  // and g are the same operation with weights of their own.
  bool sharing = true;
};

const std::vector<RuleSet>& RuleSets();

// nullptr if there is none.
const RuleSet* FindRuleSet(absl::string_view name);

}  // namespace nasc
