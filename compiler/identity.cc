#include "compiler/identity.h"

#include "compiler/ir/dim.h"

namespace nasc {

Hash128 IdentityOf(const ir::Graph& supernet) {
  Hasher hasher;
  hasher.Add("space").Add(supernet.space).Add(supernet.decisions.size());
  const auto name = [&](const ir::Variable& variable) {
    return ir::NameOf(variable, supernet.decisions);
  };
  for (const ir::Decision& decision : supernet.decisions) {
    hasher.Add(decision.path)
        .Add(decision.kind == ir::Decision::Kind::kOne ? "one" : "some")
        .Add(decision.least)
        .Add(decision.most)
        .Add(ir::ToString(ir::FromCondition(decision.alive), name))
        .Add(decision.options.size());
    for (size_t i = 0; i < decision.options.size(); ++i) {
      hasher.Add(decision.options[i]).Add(decision.relaxed_only[i] ? 1 : 0);
    }
  }
  hasher.Add(supernet.constraints.size());
  for (const ir::Constraint& constraint : supernet.constraints) hasher.Add(constraint.text);
  return hasher.Take();
}

}  // namespace nasc
