#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/diagram_nodes.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Walks over all architectures of a space at once, decision by decision. A state is what later
// decisions still need to know: the rest of every diagram that has begun, and sums so far.
// Architectures that agree in it are one, so the walk takes time in the number of states, not in
// that of architectures.
//
// A `Value` is what the walk knows of the architectures of a state:
//   static Value Start();
//   void Merge(const Value& other);  // other architectures with the same state
//   void Add(int64_t sum);           // what a finished part of the objective adds to each
//   void Take(size_t option);        // what each takes, counted through all decisions' options
//
// Every constraint holds for all architectures that are left.
template <typename Value>
class Frontier {
 public:
  explicit Frontier(const std::vector<ir::Decision>& decisions) : decisions_(decisions) {
    size_t options = 0;
    for (const ir::Decision& decision : decisions) {
      first_options_.push_back(options);
      options += decision.options.size();
    }
  }

  void AddObjective(const ir::Dim& objective) { AddItems(objective, Item::kObjective); }
  void AddConstraint(const ir::Constraint& constraint) {
    bounds_.push_back({constraint.least, constraint.most});
    AddItems(constraint.value, static_cast<int>(bounds_.size()) - 1);
  }

  // Drops states that another one is less than, whatever later decisions are: of architectures
  // that differ only in cheap and dear options, one is left. `sum_of` is what the objective has
  // summed up to. Which other architectures there are is not known then.
  void KeepLeast(std::function<int64_t(const Value& value)> sum_of) { sum_of_ = std::move(sum_of); }

  // Nothing where no architecture is left. Error: more than `most_states` at once.
  absl::StatusOr<std::optional<Value>> Walk(size_t most_states) {
    for (size_t d = 0; d < decisions_.size(); ++d) {
      ir::Diagram<int64_t> alive = *ir::FromCondition(decisions_[d].alive).ToDiagram();
      AddItem(alive, Item::kAlive, static_cast<int>(d));
    }
    Key start;
    start.sums.assign(bounds_.size(), 0);
    Value first = Value::Start();
    for (const Item& item : items_) {
      if (item.first >= 0) continue;
      Finish(item.kind, nodes_.LeafOf(item.root), start, first);  // constants
    }
    std::vector<int> active;  // indices of items, in the order of a key's rests
    States states;
    if (Settle(active, -1, start)) states.emplace(std::move(start), std::move(first));
    for (int d = 0; d < static_cast<int>(decisions_.size()); ++d) {
      Begin(d, active, states);
      const absl::Status status = Step(d, active, states, most_states);
      if (!status.ok()) return status;
      End(d, active, states);
      if (sum_of_ != nullptr) DropDominated(active, states);
    }
    std::optional<Value> result;
    for (auto& [key, value] : states) {
      if (!result.has_value()) {
        result = std::move(value);
      } else {
        result->Merge(value);
      }
    }
    return result;
  }

 private:
  struct Item {
    static constexpr int kObjective = -1;
    static constexpr int kAlive = -2;
    int root = 0;    // a node
    int kind = 0;    // from 0: of that constraint
    int first = -1;  // the decisions that it depends on
    int last = -1;
    int decision = -1;  // kAlive: whose
  };
  struct Key {
    std::vector<int> rests;     // a node an active item
    std::vector<int64_t> sums;  // a constraint; kHolds once nothing can break it
    int taken = 0;              // while the options of a decision are walked
    friend bool operator==(const Key& a, const Key& b) {
      return a.rests == b.rests && a.sums == b.sums && a.taken == b.taken;
    }
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.rests, key.sums, key.taken);
    }
  };
  using States = absl::flat_hash_map<Key, Value>;
  static constexpr int64_t kHolds = INT64_MIN;
  static constexpr int kDead = -1;  // Key::taken of a decision that is not alive

  void AddItems(const ir::Dim& dim, int kind) {
    AddItem(ir::Diagram<int64_t>(dim.constant()), kind, -1);
    for (const ir::Diagram<int64_t>& term : dim.terms()) AddItem(term, kind, -1);
  }

  void AddItem(const ir::Diagram<int64_t>& diagram, int kind, int decision) {
    Item item;
    item.root = nodes_.Intern(diagram);
    item.kind = kind;
    item.decision = decision;
    ir::ForEachNode(diagram, [&](const ir::Diagram<int64_t>& node) {
      if (!node.is_choice()) return;
      const int d = node.variable().decision;
      item.first = item.first < 0 ? d : std::min(item.first, d);
      item.last = std::max(item.last, d);
    });
    // Whether a decision is alive is asked when it is decided.
    if (kind == Item::kAlive && item.first >= 0) item.last = decision;
    if (kind == Item::kAlive && item.first < 0)
      constant_alive_.emplace(decision, nodes_.LeafOf(item.root));
    items_.push_back(item);
  }

  // --- the walk ---

  void Finish(int kind, int64_t leaf, Key& key, Value& value) const {
    if (kind == Item::kObjective) value.Add(leaf);
    if (kind >= 0 && key.sums[kind] != kHolds) key.sums[kind] = SaturatedSum(key.sums[kind], leaf);
  }

  void Begin(int d, std::vector<int>& active, States& states) {
    std::vector<int> fresh;
    for (size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].first == d) fresh.push_back(static_cast<int>(i));
    }
    if (fresh.empty()) return;
    active.insert(active.end(), fresh.begin(), fresh.end());
    States next;
    next.reserve(states.size());
    for (auto& [key, value] : states) {
      Key more = key;
      for (const int item : fresh) {
        const bool holds = items_[item].kind >= 0 && key.sums[items_[item].kind] == kHolds;
        more.rests.push_back(holds ? nodes_.Zero() : items_[item].root);
      }
      next.emplace(std::move(more), std::move(value));
    }
    states = std::move(next);
  }

  bool AliveIn(int d, const std::vector<int>& active, const Key& key) const {
    if (const auto it = constant_alive_.find(d); it != constant_alive_.end())
      return it->second != 0;
    for (size_t i = 0; i < active.size(); ++i) {
      const Item& item = items_[active[i]];
      if (item.kind == Item::kAlive && item.decision == d) return nodes_.LeafOf(key.rests[i]) != 0;
    }
    return true;
  }

  // The key once the variable takes the branch.
  Key Take(const Key& key, const ir::Variable& variable, int branch) const {
    Key next = key;
    for (int& rest : next.rests) {
      const DiagramNodes::Node& node = nodes_[rest];
      if (!node.branches.empty() && node.variable == variable) rest = node.branches[branch];
    }
    return next;
  }

  static void Put(Key key, Value value, States& states) {
    const auto it = states.find(key);
    if (it == states.end()) {
      states.emplace(std::move(key), std::move(value));
    } else {
      it->second.Merge(value);
    }
  }

  Value Taking(Value value, int d, int option) const {
    value.Take(first_options_[d] + static_cast<size_t>(option));
    return value;
  }

  absl::Status Step(int d, const std::vector<int>& active, States& states, size_t most) {
    const ir::Decision& decision = decisions_[d];
    const bool one = decision.kind == ir::Decision::Kind::kOne;
    const auto options = static_cast<int>(decision.options.size());
    const auto too_many = [&](const States& now) {
      return now.size() <= most ? absl::OkStatus()
                                : absl::ResourceExhaustedError("too many states at once");
    };
    States next;
    for (const auto& [key, value] : states) {
      if (!AliveIn(d, active, key)) {
        Key dead = key;
        dead.taken = one ? 0 : kDead;
        if (one) dead = Take(key, {d, -1}, 0);
        Settled(d, active, std::move(dead), value, next);
        continue;
      }
      if (!one) {
        Put(key, value, next);
        continue;
      }
      for (int option = 0; option < options; ++option) {
        if (decision.relaxed_only[option]) continue;
        Settled(d, active, Take(key, {d, -1}, option), Taking(value, d, option), next);
      }
      if (absl::Status status = too_many(next); !status.ok()) return status;
    }
    states = std::move(next);
    if (one) return absl::OkStatus();
    auto left = static_cast<int>(absl::c_count(decision.relaxed_only, false));
    for (int option = 0; option < options; ++option) {
      const bool allowed = !decision.relaxed_only[option];
      left -= allowed ? 1 : 0;
      States after;
      for (const auto& [key, value] : states) {
        const bool dead = key.taken == kDead;
        if (dead || key.taken + left >= decision.least) {
          Put(Take(key, {d, option}, 0), value, after);
        }
        if (!dead && allowed && key.taken < decision.most) {
          Key with = Take(key, {d, option}, 1);
          ++with.taken;
          if (with.taken + left >= decision.least) {
            Put(std::move(with), Taking(value, d, option), after);
          }
        }
      }
      states = std::move(after);
      if (sum_of_ != nullptr) DropDominated(active, states);
      if (absl::Status status = too_many(states); !status.ok()) return status;
    }
    next.clear();
    for (const auto& [key, value] : states) {
      Key done = key;
      done.taken = 0;
      Settled(d, active, std::move(done), value, next);
    }
    states = std::move(next);
    return absl::OkStatus();
  }

  void Settled(int d, const std::vector<int>& active, Key key, Value value, States& states) {
    if (!Settle(active, d, key)) return;
    Put(std::move(key), std::move(value), states);
  }

  // Whether the constraints can still hold after decision d; those that nothing can break any more
  // are forgotten.
  bool Settle(const std::vector<int>& active, int d, Key& key) {
    for (size_t k = 0; k < bounds_.size(); ++k) {
      if (key.sums[k] == kHolds) continue;
      int64_t least = key.sums[k];
      int64_t greatest = key.sums[k];
      const auto add = [&](int node) {
        least = SaturatedSum(least, nodes_[node].least);
        greatest = SaturatedSum(greatest, nodes_[node].greatest);
      };
      for (size_t i = 0; i < active.size(); ++i) {
        if (items_[active[i]].kind == static_cast<int>(k)) add(key.rests[i]);
      }
      for (const Item& item : items_) {
        if (item.kind == static_cast<int>(k) && item.first > d) add(item.root);
      }
      if (least > bounds_[k].second || greatest < bounds_[k].first) return false;
      if (least < bounds_[k].first || greatest > bounds_[k].second) continue;
      key.sums[k] = kHolds;
      for (size_t i = 0; i < active.size(); ++i) {
        if (items_[active[i]].kind == static_cast<int>(k)) key.rests[i] = nodes_.Zero();
      }
    }
    return true;
  }

  // Sums up the parts that depend on nothing more.
  void End(int d, std::vector<int>& active, States& states) {
    std::vector<bool> done(active.size());
    bool any = false;
    for (size_t i = 0; i < active.size(); ++i) {
      done[i] = items_[active[i]].last <= d;
      any |= done[i];
    }
    if (!any) return;
    States next;
    for (const auto& [key, value] : states) {
      Key left = key;
      Value sum = value;
      left.rests.clear();
      for (size_t i = 0; i < active.size(); ++i) {
        if (done[i]) {
          Finish(items_[active[i]].kind, nodes_.LeafOf(key.rests[i]), left, sum);
        } else {
          left.rests.push_back(key.rests[i]);
        }
      }
      Put(std::move(left), std::move(sum), next);
    }
    states = std::move(next);
    std::vector<int> still;
    for (size_t i = 0; i < active.size(); ++i) {
      if (!done[i]) still.push_back(active[i]);
    }
    active = std::move(still);
  }

  // --- dominance ---

  struct Candidate {
    const Key* key;
    int64_t sum;
    int64_t reach;  // what its architectures come to at most
  };

  // Whether all that begins with `a` is no more than the same that begins with `b`.
  bool Dominates(const Candidate& a, const Candidate& b, const std::vector<int>& active) {
    int64_t more = SaturatedSum(a.sum, -b.sum);
    for (size_t i = 0; i < active.size(); ++i) {
      if (items_[active[i]].kind != Item::kObjective) continue;
      more = SaturatedSum(more, nodes_.MostAbove(a.key->rests[i], b.key->rests[i]));
    }
    return more <= 0;
  }

  void DropDominated(const std::vector<int>& active, States& states) {
    // Only states that leave the same choices can be compared.
    absl::flat_hash_map<Key, std::vector<Candidate>> comparable;
    for (const auto& [key, value] : states) {
      Key choices = key;
      Candidate candidate = {&key, sum_of_(value), sum_of_(value)};
      for (size_t i = 0; i < active.size(); ++i) {
        if (items_[active[i]].kind != Item::kObjective) continue;
        const DiagramNodes::Node& rest = nodes_[key.rests[i]];
        candidate.reach = SaturatedSum(candidate.reach, rest.greatest);
        choices.rests[i] = 0;
      }
      comparable[std::move(choices)].push_back(candidate);
    }
    States left;
    for (auto& [choices, candidates] : comparable) {
      std::sort(candidates.begin(), candidates.end(),
                [](const Candidate& a, const Candidate& b) { return a.reach < b.reach; });
      std::vector<Candidate> kept;
      for (const Candidate& candidate : candidates) {
        const size_t compared = std::min(kept.size(), kMostCompared);
        const bool dominated = std::any_of(
            kept.begin(), kept.begin() + compared,
            [&](const Candidate& other) { return Dominates(other, candidate, active); });
        if (!dominated) kept.push_back(candidate);
      }
      for (const Candidate& candidate : kept) {
        left.emplace(*candidate.key, std::move(states.at(*candidate.key)));
      }
    }
    states = std::move(left);
  }

  // Most of what is dominated is so by one of the least.
  static constexpr size_t kMostCompared = 64;

  const std::vector<ir::Decision>& decisions_;
  std::function<int64_t(const Value& value)> sum_of_;
  std::vector<size_t> first_options_;  // of each decision
  std::vector<std::pair<int64_t, int64_t>> bounds_;
  std::vector<Item> items_;
  DiagramNodes nodes_;
  absl::flat_hash_map<int, int64_t> constant_alive_;
};

}  // namespace nasc
