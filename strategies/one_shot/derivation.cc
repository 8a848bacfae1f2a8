#include "strategies/one_shot/derivation.h"

#include <algorithm>
#include <numeric>

namespace nasc {
namespace {

// The first of those that have no weights.
int BestOption(const ir::Decision& decision, std::vector<double> weights) {
  weights.resize(decision.options.size());
  int best = -1;
  for (size_t i = 0; i < decision.options.size(); ++i) {
    if (decision.relaxed_only[i]) continue;
    if (best < 0 || weights[i] > weights[best]) best = static_cast<int>(i);
  }
  return best;
}

// Whether the decision counts only where the edge is taken.
bool OnEdge(const ir::Decision& decision, const ir::Variable& edge) {
  const bool asks = ir::DependsOn(decision.alive, [&](const ir::Variable& v) { return v == edge; });
  if (!asks) return false;
  const ir::Condition without =
      ir::Fix(decision.alive, [&](const ir::Variable& v) { return v == edge ? 0 : -1; });
  return !ir::Witness(without).has_value();
}

}  // namespace

Architecture DeriveStrongest(const std::vector<ir::Decision>& decisions,
                             const std::vector<std::vector<double>>& weights) {
  const int count = static_cast<int>(decisions.size());
  std::vector<int> best(count, -1);
  for (int d = 0; d < count; ++d) {
    if (decisions[d].kind == ir::Decision::Kind::kOne)
      best[d] = BestOption(decisions[d], weights[d]);
  }
  Architecture architecture;
  architecture.picks.resize(count);
  for (int d = 0; d < count; ++d) {
    const ir::Decision& decision = decisions[d];
    if (!IsAlive(decision, architecture)) continue;
    if (decision.kind == ir::Decision::Kind::kOne) {
      architecture.picks[d] = {best[d]};
      continue;
    }
    // An edge without a choice of its own weighs nothing.
    std::vector<double> edge(decision.options.size(), 0);
    for (int child = 0; child < count; ++child) {
      if (best[child] < 0) continue;
      for (size_t option = 0; option < edge.size(); ++option) {
        if (!OnEdge(decisions[child], {d, static_cast<int>(option)})) continue;
        edge[option] = std::max(edge[option], weights[child][best[child]]);
      }
    }
    std::vector<int> order(edge.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return edge[a] > edge[b]; });
    order.resize(decision.most);
    std::sort(order.begin(), order.end());
    architecture.picks[d] = std::move(order);
  }
  return architecture;
}

}  // namespace nasc
