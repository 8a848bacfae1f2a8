#include "strategies/trial/growing_space.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

using Kind = ir::Decision::Kind;

// How many nodes there are comes first; then of every node its two slots and its surface.
constexpr size_t kDecisionsOfNode = 3;

size_t FirstOf(size_t node) { return 1 + kDecisionsOfNode * node; }

absl::Status OtherForm(const ir::Decision& decision, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the space does not grow node by node: decision '", decision.path, "' ", why,
                   "; it takes `node n[1..20] { slots 2 of earlier as (a, b)  then one of "
                   "surfaces(a, b) }` and `output last`, as in examples/sonn/sonn.space"));
}

// "grown.n1.a.from" is a slot of the node "n1".
absl::string_view NodeOf(const ir::Decision& slot) {
  absl::string_view path = slot.path;
  absl::ConsumeSuffix(&path, ".from");
  path = path.substr(0, std::min(path.rfind('.'), path.size()));
  const size_t dot = path.rfind('.');
  return dot == absl::string_view::npos ? path : path.substr(dot + 1);
}

}  // namespace

absl::StatusOr<GrowingSpace> GrowingSpace::Read(const DecisionSpace& space) {
  const std::vector<ir::Decision>& decisions = space.decisions();
  if (decisions.empty()) {
    return absl::InvalidArgumentError("the space has one architecture: nothing grows");
  }
  const ir::Decision& count = decisions[0];
  const size_t most = count.options.size();
  for (size_t i = 0; i < most; ++i) {
    if (count.kind == Kind::kOne && count.options[i] == absl::StrCat(i + 1)) continue;
    return OtherForm(count, "comes first and is no count of nodes from 1");
  }
  // Where the network has more than so many nodes, from the last to the first.
  std::vector<ir::Condition> alive(most, ir::Condition(false));
  for (size_t node = most; node-- > 0;) {
    const absl::StatusOr<ir::Condition> more =
        ir::Or(node + 1 < most ? alive[node + 1] : ir::Condition(false),
               ir::Takes(count, 0, static_cast<int>(node)));
    if (!more.ok()) return more.status();
    alive[node] = *more;
  }
  const absl::Status few = OtherForm(count, "counts more nodes than have two slots and a surface");
  if (decisions.size() < FirstOf(1)) return few;
  std::vector<std::string> sources = decisions[FirstOf(0)].options;
  const std::vector<std::string>& surfaces = decisions[FirstOf(0) + 2].options;
  GrowingSpace growing;
  growing.inputs_ = static_cast<int>(sources.size());
  for (size_t node = 0; node < most; ++node) {
    for (size_t d = FirstOf(node); d < FirstOf(node + 1); ++d) {
      if (d >= decisions.size()) return few;
      const ir::Decision& decision = decisions[d];
      const bool slot = d < FirstOf(node) + 2;
      if (decision.kind != Kind::kOne) return OtherForm(decision, "takes several options");
      if (slot != absl::EndsWith(decision.path, ".from") ||
          decision.options != (slot ? sources : surfaces)) {
        return OtherForm(decision, slot ? "is no slot that takes every earlier value"
                                        : "is no choice between the surfaces of the first node");
      }
      if (decision.alive != alive[node]) {
        return OtherForm(decision, "is not alive exactly where its node is there");
      }
    }
    sources.emplace_back(NodeOf(decisions[FirstOf(node)]));
  }
  if (decisions.size() > FirstOf(most)) {
    return OtherForm(decisions[FirstOf(most)], "is none of a node's");
  }
  growing.decisions_ = decisions.size();
  growing.most_nodes_ = static_cast<int>(most);
  const std::vector<bool>& relaxed_only = decisions[FirstOf(0) + 2].relaxed_only;
  for (size_t i = 0; i < surfaces.size(); ++i) {
    if (i < relaxed_only.size() && relaxed_only[i]) continue;
    growing.surfaces_.push_back(static_cast<int>(i));
  }
  return growing;
}

Architecture GrowingSpace::Network(const std::vector<JoiningNode>& nodes) const {
  Architecture architecture;
  architecture.picks.resize(decisions_);
  architecture.picks[0] = {static_cast<int>(nodes.size()) - 1};
  for (size_t i = 0; i < nodes.size(); ++i) {
    const size_t first = FirstOf(i);
    architecture.picks[first] = {nodes[i].a};
    architecture.picks[first + 1] = {nodes[i].b};
    architecture.picks[first + 2] = {nodes[i].surface};
  }
  return architecture;
}

}  // namespace nasc
