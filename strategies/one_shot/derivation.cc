#include "strategies/one_shot/derivation.h"

#include <algorithm>
#include <numeric>
#include <optional>

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

// The weights of the edges of a subset. An edge without a choice of its own weighs nothing, or what
// the subset says alone.
std::vector<double> EdgeWeights(const std::vector<ir::Decision>& decisions,
                                const std::vector<std::vector<double>>& weights,
                                const std::vector<int>& best, int subset) {
  const size_t options = decisions[subset].options.size();
  const bool own = !weights[subset].empty();
  std::vector<std::optional<double>> strongest(options);
  for (size_t child = 0; child < decisions.size(); ++child) {
    if (best[child] < 0 || weights[child].empty()) continue;
    for (size_t option = 0; option < options; ++option) {
      if (!OnEdge(decisions[child], {subset, static_cast<int>(option)})) continue;
      const double weight = weights[child][best[child]];
      strongest[option] = std::max(strongest[option].value_or(weight), weight);
    }
  }
  std::vector<double> edges;
  for (size_t option = 0; option < options; ++option) {
    edges.push_back(own ? weights[subset][option] * strongest[option].value_or(1)
                        : strongest[option].value_or(0));
  }
  return edges;
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
    const std::vector<double> edge = EdgeWeights(decisions, weights, best, d);
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
