#include "compiler/algebra/function_hash.h"

#include "compiler/algebra/canonical_form.h"
#include "compiler/cost.h"

namespace nasc {

FunctionHasher::FunctionHasher(const ir::Graph& supernet, const RuleSet& rules)
    : graph_(KeepResults(supernet, {"logits"})), rules_(rules), builder_(graph_, rules_) {}

Hash128 FunctionHasher::Of(const Architecture& architecture) {
  const TermId root = builder_.Build(architecture);
  const Terms& terms = builder_.terms();
  return rules_.sharing ? CanonicalFormOf(terms, root).hash : terms[root].tree;
}

std::vector<std::string> FunctionHasher::WeightsOf(const Architecture& architecture) {
  const TermId root = builder_.Build(architecture);
  std::vector<std::string> names;
  for (const int identity : CanonicalFormOf(builder_.terms(), root).identities) {
    // Beyond the params are identities of random operations.
    if (identity >= static_cast<int>(graph_.params.size())) continue;
    const std::string& param = graph_.params[identity].name;
    names.push_back(param.substr(0, param.rfind('.')));
  }
  return names;
}

}  // namespace nasc
