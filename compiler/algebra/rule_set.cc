#include "compiler/algebra/rule_set.h"

namespace nasc {

const std::vector<RuleSet>& RuleSets() {
  static const auto* const table = [] {
    RuleSet exact;
    exact.name = "exact";
    exact.doc = "equal for all weights, by the algebra of the primitives";

    RuleSet operations;
    operations.name = "operations";
    operations.doc =
        "candidates are unknown functions, and expressions are compared as trees: blind to whether "
        "a value is used twice or computed twice";
    operations.whole_candidates = true;
    operations.sharing = false;

    return new std::vector<RuleSet>{exact, operations};
  }();
  return *table;
}

const RuleSet* FindRuleSet(absl::string_view name) {
  for (const RuleSet& rules : RuleSets()) {
    if (rules.name == name) return &rules;
  }
  return nullptr;
}

}  // namespace nasc
