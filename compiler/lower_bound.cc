#include "compiler/lower_bound.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/diagram_nodes.h"

// Each diagram of a sum has a least leaf, but architectures may not reach all of these at once.
// What a diagram costs on a branch of a variable can be moved to another that depends on the
// variable too: the sum stays, its diagrams change. Variable by variable, those that depend on it
// share what they are at least on each branch, which brings up the sum of their least leaves.
//
// "Min-marginal averaging": Lange and Swoboda, Efficient Message Passing for 0-1 ILPs with Binary
// Decision Diagrams, ICML 2021.
namespace nasc {
namespace {

using Number = ir::Diagram<int64_t>;

constexpr size_t kMostNodesOfSum = 5000;
constexpr int kMostPasses = 200;
constexpr int kMostIdle = 10;  // passes without a better bound
constexpr size_t kPassesToDecide = 30;
// Costs are counted in fractions, so that they can be shared, and leave room for what is moved.
constexpr int64_t kMostFractions = 1024;
constexpr int64_t kLargest = int64_t{1} << 46;

// A diagram, and what was moved to it. Its nodes stand on a level a variable, which every way from
// the root to a leaf passes.
class SharedDiagram {
 public:
  SharedDiagram(const Number& diagram, int64_t fractions) : fractions_(fractions) {
    std::map<ir::Variable, size_t> variables;
    ir::ForEachNode(diagram, [&](const Number& node) {
      if (node.is_choice()) variables[node.variable()] = node.branches().size();
    });
    for (const auto& [variable, branches] : variables) {
      levels_.push_back({variable, std::vector<int64_t>(branches), {}, {}, {}});
    }
    levels_.emplace_back();  // the leaves
    placed_.resize(levels_.size());
    Place(diagram, 0);
    placed_.clear();
    for (Level& level : levels_) level.to.resize(level.from.size());
    for (size_t k = variables.size(); k-- > 0;) UpdateFrom(k);
  }

  size_t variables() const { return levels_.size() - 1; }
  size_t branches(size_t k) const { return levels_[k].moved.size(); }
  const ir::Variable& variable(size_t k) const { return levels_[k].variable; }
  int64_t least() const { return levels_[0].from[0]; }

  // The least leaf, with what was moved here, for each branch of the k-th variable.
  std::vector<int64_t> LeastOfBranches(size_t k) const {
    std::vector<int64_t> least(levels_[k].moved.size(), INT64_MAX);
    ForEachBranch(k, [&](size_t node, size_t branch, int next) {
      const int64_t rest = levels_[k].to[node] + levels_[k + 1].from[next];
      least[branch] = std::min(least[branch], rest + levels_[k].moved[branch]);
    });
    return least;
  }

  void Move(size_t k, size_t branch, int64_t more) { levels_[k].moved[branch] += more; }

  // Once what was moved to the k-th variable is known: what ways cost from there on, or up to
  // there.
  void UpdateFrom(size_t k) {
    std::vector<int64_t>& from = levels_[k].from;
    std::fill(from.begin(), from.end(), INT64_MAX);
    ForEachBranch(k, [&](size_t node, size_t branch, int next) {
      from[node] = std::min(from[node], levels_[k].moved[branch] + levels_[k + 1].from[next]);
    });
  }
  void UpdateTo(size_t k) {
    std::vector<int64_t>& to = levels_[k + 1].to;
    std::fill(to.begin(), to.end(), INT64_MAX);
    ForEachBranch(k, [&](size_t node, size_t branch, int next) {
      to[next] = std::min(to[next], levels_[k].moved[branch] + levels_[k].to[node]);
    });
  }

 private:
  struct Level {
    ir::Variable variable;
    std::vector<int64_t> moved;  // by branch
    std::vector<int> next;       // by node and branch: a node of the next level
    std::vector<int64_t> from;   // by node: the least of the ways to a leaf, of a leaf itself
    std::vector<int64_t> to;     // by node: the least of the ways from the root
  };

  template <typename F>
  void ForEachBranch(size_t k, const F& f) const {
    const size_t branches = levels_[k].moved.size();
    const std::vector<int>& next = levels_[k].next;
    for (size_t node = 0; node * branches < next.size(); ++node) {
      for (size_t b = 0; b < branches; ++b) f(node, b, next[node * branches + b]);
    }
  }

  int Place(const Number& diagram, size_t k) {
    if (const auto it = placed_[k].find(diagram.identity()); it != placed_[k].end()) {
      return it->second;
    }
    Level& level = levels_[k];
    const bool here = diagram.is_choice() && diagram.variable() == level.variable;
    std::vector<int> next;
    for (size_t b = 0; b < level.moved.size(); ++b) {
      next.push_back(Place(here ? diagram.branches()[b] : diagram, k + 1));
    }
    level.next.insert(level.next.end(), next.begin(), next.end());
    const bool is_leaf = k + 1 == levels_.size();
    level.from.push_back(is_leaf ? diagram.maybe_leaf().value_or(0) * fractions_ : 0);
    const int node = static_cast<int>(level.from.size()) - 1;
    placed_[k].emplace(diagram.identity(), node);
    return node;
  }

  int64_t fractions_;
  std::vector<Level> levels_;
  std::vector<absl::flat_hash_map<const void*, int>> placed_;  // by level
};

// --- what is bounded ---

// Nothing where it has too many nodes.
std::optional<Number> Sum(const Number& a, const Number& b) {
  absl::StatusOr<Number> sum = ir::ApplyToLeaves<int64_t, int64_t, int64_t>(
      a, b,
      [](const std::optional<int64_t>& x, const std::optional<int64_t>& y) {
        return absl::StatusOr<std::optional<int64_t>>(SaturatedSum(x.value_or(0), y.value_or(0)));
      },
      kMostNodesOfSum);
  if (!sum.ok()) return std::nullopt;
  return *std::move(sum);
}

// 0 for what an architecture may take of a decision, `forbidden` for the rest.
Number Rule(const ir::Decision& decision, ir::DecisionId id, int64_t forbidden) {
  const int options = static_cast<int>(decision.options.size());
  std::vector<Number> rests;
  if (decision.kind == ir::Decision::Kind::kOne) {
    for (int option = 0; option < options; ++option) {
      rests.emplace_back(decision.relaxed_only[option] ? forbidden : 0);
    }
    rests = {Number::Choice({id, -1}, std::move(rests))};
  } else {
    for (int taken = 0; taken <= options; ++taken) {
      rests.emplace_back(taken < decision.least || taken > decision.most ? forbidden : 0);
    }
    for (int option = options - 1; option >= 0; --option) {
      for (int taken = 0; taken <= option; ++taken) {
        const Number with = decision.relaxed_only[option] ? Number(forbidden) : rests[taken + 1];
        rests[taken] = Number::Choice({id, option}, {rests[taken], with});
      }
    }
  }
  // No rule where the decision is not alive, or where that would take too many nodes.
  const auto rule = ir::ApplyToLeaves<int64_t, int64_t, bool>(
      rests[0], decision.alive,
      [](const std::optional<int64_t>& cost, const std::optional<bool>& alive) {
        return absl::StatusOr<std::optional<int64_t>>(alive.value_or(false) ? cost : 0);
      });
  return rule.ok() ? *rule : Number(0);
}

std::vector<ir::Variable> VariablesOf(const Number& diagram) {
  std::set<ir::Variable> variables;
  ir::ForEachNode(diagram, [&](const Number& node) {
    if (node.is_choice()) variables.insert(node.variable());
  });
  return {variables.begin(), variables.end()};
}

// The same sum, but what depends on nothing more than another does is added to that.
std::vector<Number> Joined(const std::vector<Number>& sum) {
  struct Part {
    Number diagram;
    std::vector<ir::Variable> variables;
    bool full = false;
  };
  std::vector<Part> parts;
  for (const Number& diagram : sum) parts.push_back({diagram, VariablesOf(diagram)});
  absl::c_stable_sort(
      parts, [](const Part& a, const Part& b) { return a.variables.size() > b.variables.size(); });
  std::vector<Part> joined;
  const auto join = [&](const Part& part) {
    for (Part& other : joined) {
      if (other.full || !absl::c_includes(other.variables, part.variables)) continue;
      std::optional<Number> both = Sum(other.diagram, part.diagram);
      other.full = !both.has_value();
      if (other.full) continue;
      other.diagram = *std::move(both);
      return;
    }
    joined.push_back(part);
  };
  for (const Part& part : parts) join(part);
  std::vector<Number> diagrams;
  for (const Part& part : joined) diagrams.push_back(part.diagram);
  return diagrams;
}

// --- sharing ---

class Sharing {
 public:
  Sharing(const std::vector<Number>& sum, int64_t fractions, int64_t forbidden)
      : fractions_(fractions), forbidden_(forbidden * fractions) {
    diagrams_.reserve(sum.size());
    for (const Number& part : sum) {
      SharedDiagram& diagram = diagrams_.emplace_back(part, fractions);
      for (size_t k = 0; k < diagram.variables(); ++k) {
        places_[diagram.variable(k)].push_back({&diagram, k});
      }
    }
  }

  size_t variables() const { return places_.size(); }
  // The branches that were decided on.
  const absl::flat_hash_map<ir::Variable, int>& decided() const { return decided_; }

  int64_t Bound() const {
    int64_t bound = 0;
    for (const SharedDiagram& diagram : diagrams_) bound += diagram.least();
    return bound / fractions_ + (bound % fractions_ > 0 ? 1 : 0);
  }

  // From the first variable to the last and back.
  void Pass() {
    for (auto it = places_.begin(); it != places_.end(); ++it) {
      Share(it->second);
      for (const Place& place : it->second) place.diagram->UpdateTo(place.k);
    }
    open_.clear();
    for (auto it = places_.rbegin(); it != places_.rend(); ++it) {
      Share(it->second);
      Compare(it->first, it->second[0]);
      for (const Place& place : it->second) place.diagram->UpdateFrom(place.k);
    }
  }

  // Forbids the other branches of so many variables whose best was best by most in the last pass;
  // of one at least. False once all are decided.
  bool Decide(size_t most) {
    absl::c_sort(open_);
    for (size_t i = 0; i < std::min(open_.size(), most); ++i) {
      const auto& [advantage, variable, best] = open_[i];
      if (i > 0 && advantage == 0) break;
      const Place& place = places_[variable][0];
      for (int b = 0; b < static_cast<int>(place.diagram->branches(place.k)); ++b) {
        if (b != best) place.diagram->Move(place.k, b, forbidden_);
      }
      decided_[variable] = best;
    }
    return !open_.empty();
  }

 private:
  struct Place {
    SharedDiagram* diagram;
    size_t k;  // of its variables
  };

  // For each branch of a variable, all that depend on it get the same least.
  static void Share(const std::vector<Place>& places) {
    if (places.size() == 1) return;
    std::vector<std::vector<int64_t>> least;
    for (const Place& place : places) least.push_back(place.diagram->LeastOfBranches(place.k));
    const auto count = static_cast<int64_t>(places.size());
    for (size_t branch = 0; branch < least[0].size(); ++branch) {
      int64_t left = 0;
      for (const std::vector<int64_t>& of_place : least) left += of_place[branch];
      for (int64_t i = 0; i < count; ++i) {
        const int64_t share = left / (count - i);
        places[i].diagram->Move(places[i].k, branch, share - least[i][branch]);
        left -= share;
      }
    }
  }

  // Any place of a variable tells, as they share.
  void Compare(const ir::Variable& variable, const Place& place) {
    if (decided_.contains(variable)) return;
    std::vector<int64_t> least = place.diagram->LeastOfBranches(place.k);
    const auto best = static_cast<int>(absl::c_min_element(least) - least.begin());
    absl::c_sort(least);
    open_.emplace_back(least[0] - least[1], variable, best);
  }

  int64_t fractions_;
  int64_t forbidden_;
  std::vector<SharedDiagram> diagrams_;
  std::map<ir::Variable, std::vector<Place>> places_;
  // Of the variables that are not decided: the best branch, what it is below the next, negative.
  std::vector<std::tuple<int64_t, ir::Variable, int>> open_;
  absl::flat_hash_map<ir::Variable, int> decided_;
};

// What was decided on; of the rest, the first that is allowed.
Architecture Complete(const absl::flat_hash_map<ir::Variable, int>& decided,
                      const std::vector<ir::Decision>& decisions) {
  Architecture architecture;
  for (size_t d = 0; d < decisions.size(); ++d) {
    std::vector<int>& picks = architecture.picks.emplace_back();
    const ir::Decision& decision = decisions[d];
    if (!IsAlive(decision, architecture)) continue;
    const auto id = static_cast<ir::DecisionId>(d);
    const auto takes = [&](int option) {
      const auto it = decided.find(ir::VariableOf(decision, id, option));
      return it != decided.end() && it->second == ir::BranchOf(decision, option);
    };
    for (const bool wanted : {true, false}) {
      const int enough = wanted ? decision.most : decision.least;
      for (int option = 0; option < static_cast<int>(decision.options.size()); ++option) {
        if (decision.relaxed_only[option] || takes(option) != wanted) continue;
        if (static_cast<int>(picks.size()) < enough) picks.push_back(option);
      }
    }
    absl::c_sort(picks);
  }
  return architecture;
}

}  // namespace

LowerBound LowerBoundOf(const ir::Dim& sum, const std::vector<ir::Decision>& decisions) {
  int64_t apart = sum.constant();
  int64_t magnitude = 1;
  absl::flat_hash_set<ir::DecisionId> asked;
  for (const Number& term : sum.terms()) {
    DiagramNodes nodes;
    const DiagramNodes::Node& root = nodes[nodes.Intern(term)];
    apart = SaturatedSum(apart, root.least);
    magnitude = SaturatedSum(magnitude, std::max(root.greatest, -std::max(root.least, -INT64_MAX)));
    for (const ir::Variable& variable : VariablesOf(term)) asked.insert(variable.decision);
  }
  const int64_t fractions = std::min(kMostFractions, kLargest / magnitude);
  if (fractions == 0) return {apart, Complete({}, decisions)};
  std::vector<Number> parts = sum.terms();
  for (size_t d = 0; d < decisions.size(); ++d) {
    const auto id = static_cast<ir::DecisionId>(d);
    if (!asked.contains(id)) continue;
    const Number rule = Rule(decisions[d], id, magnitude);
    if (rule.is_choice()) parts.push_back(rule);
  }
  Sharing sharing(Joined(parts), fractions, magnitude);
  int64_t together = sharing.Bound();
  int idle = 0;
  for (int pass = 0; pass < kMostPasses && idle < kMostIdle; ++pass) {
    sharing.Pass();
    idle = sharing.Bound() > together ? 0 : idle + 1;
    together = std::max(together, sharing.Bound());
  }
  while (sharing.Decide(sharing.variables() / kPassesToDecide + 1)) sharing.Pass();
  return {std::max(apart, SaturatedSum(sum.constant(), together)),
          Complete(sharing.decided(), decisions)};
}

}  // namespace nasc
