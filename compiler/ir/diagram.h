#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glog/logging.h"

namespace nasc::ir {

using DecisionId = int;

// What a diagram branches on: which option a decision takes (a branch an option), or, of a decision
// that takes several, whether it takes one of its options (two branches: not, taken).
struct Variable {
  DecisionId decision = -1;
  int option = -1;  // -1: the decision takes exactly one

  friend bool operator==(const Variable& a, const Variable& b) {
    return a.decision == b.decision && a.option == b.option;
  }
  friend bool operator!=(const Variable& a, const Variable& b) { return !(a == b); }
  friend bool operator<(const Variable& a, const Variable& b) {
    return a.decision != b.decision ? a.decision < b.decision : a.option < b.option;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Variable& v) {
    return H::combine(std::move(h), v.decision, v.option);
  }
};

// Branches taken on a way through a diagram, in the order of the variables.
using Assignment = std::vector<std::pair<Variable, int>>;

// The branch that an architecture takes at a variable; -1: it is left open.
using Pick = std::function<int(const Variable&)>;

// A function of decisions: a reduced ordered decision diagram. Variables ascend on every way from
// the top, and no node has equal branches. Two diagrams are equal functions exactly when they are
// equal trees, so proofs over all architectures are comparisons. Where a function has no value,
// because no architecture asks for it there, its leaf is undefined.
//
// `Leaf` needs ==, and a hash by absl::Hash.
template <typename Leaf>
class Diagram {
 public:
  Diagram() : Diagram(Leaf()) {}
  Diagram(Leaf leaf)  // NOLINT: constants are functions
      : Diagram(std::optional<Leaf>(std::move(leaf))) {}
  static Diagram Undefined() { return Diagram(std::optional<Leaf>()); }

  // The variable must precede those of the branches. Returns the branch itself where all are equal.
  static Diagram Choice(Variable variable, std::vector<Diagram> branches) {
    CHECK(!branches.empty()) << "a choice without branches";
    for (const Diagram& branch : branches) {
      CHECK(!branch.is_choice() || variable < branch.variable()) << "decisions out of order";
    }
    const bool all_equal =
        std::all_of(branches.begin() + 1, branches.end(),
                    [&](const Diagram& branch) { return branch == branches[0]; });
    if (all_equal) return branches[0];
    auto node = std::make_shared<Node>();
    node->variable = variable;
    node->hash = absl::HashOf(variable);
    for (const Diagram& branch : branches) node->hash = absl::HashOf(node->hash, branch.hash());
    node->branches = std::move(branches);
    return Diagram(std::move(node));
  }

  bool is_choice() const { return !node_->branches.empty(); }
  bool is_undefined() const { return !is_choice() && !node_->leaf.has_value(); }
  bool is_leaf() const { return !is_choice(); }
  const std::optional<Leaf>& maybe_leaf() const { return node_->leaf; }
  const Leaf& leaf() const { return *node_->leaf; }
  const Variable& variable() const { return node_->variable; }
  const std::vector<Diagram>& branches() const { return node_->branches; }

  // Equal for equal diagrams.
  size_t hash() const { return node_->hash; }
  // The same for copies only.
  const void* identity() const { return node_.get(); }

  friend bool operator==(const Diagram& a, const Diagram& b) {
    if (a.node_ == b.node_) return true;
    absl::flat_hash_set<std::pair<const void*, const void*>> seen;
    return Equal(a, b, seen);
  }
  friend bool operator!=(const Diagram& a, const Diagram& b) { return !(a == b); }
  template <typename H>
  friend H AbslHashValue(H h, const Diagram& diagram) {
    return H::combine(std::move(h), diagram.hash());
  }

 private:
  struct Node {
    std::optional<Leaf> leaf;
    Variable variable;
    std::vector<Diagram> branches;  // empty: a leaf
    size_t hash = 0;
  };

  explicit Diagram(std::optional<Leaf> leaf) : node_(LeafNode(std::move(leaf))) {}
  explicit Diagram(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  static std::shared_ptr<const Node> LeafNode(std::optional<Leaf> leaf) {
    if constexpr (std::is_same_v<Leaf, bool>) {
      // Conditions that always hold, or never, are everywhere.
      static const auto* const nodes = new std::array<std::shared_ptr<const Node>, 3>{
          NewLeafNode(false), NewLeafNode(true), NewLeafNode(std::nullopt)};
      return (*nodes)[leaf.has_value() ? *leaf : 2];
    }
    return NewLeafNode(std::move(leaf));
  }

  static std::shared_ptr<const Node> NewLeafNode(std::optional<Leaf> leaf) {
    auto node = std::make_shared<Node>();
    node->hash = absl::HashOf(leaf.has_value(), leaf.has_value() ? *leaf : Leaf());
    node->leaf = std::move(leaf);
    return node;
  }

  static bool Equal(const Diagram& a, const Diagram& b,
                    absl::flat_hash_set<std::pair<const void*, const void*>>& seen) {
    if (a.node_ == b.node_) return true;
    if (a.hash() != b.hash() || a.is_choice() != b.is_choice()) return false;
    if (!a.is_choice()) return a.node_->leaf == b.node_->leaf;
    if (a.variable() != b.variable() || a.branches().size() != b.branches().size()) return false;
    // A pair seen before is equal, or the search would have ended there.
    if (!seen.emplace(a.identity(), b.identity()).second) return true;
    return std::equal(a.branches().begin(), a.branches().end(), b.branches().begin(),
                      [&](const Diagram& x, const Diagram& y) { return Equal(x, y, seen); });
  }

  std::shared_ptr<const Node> node_;
};

// Whether something is so, as a function of the decisions.
using Condition = Diagram<bool>;

// Whether no architecture fulfils it.
inline bool Never(const Condition& condition) {
  return condition.is_leaf() && !condition.maybe_leaf().value_or(false);
}

// Makes choices such that equal ones are one node, provided that their branches came from here too:
// work is then done once a node and not once a way, of which there are exponentially many.
template <typename Leaf>
class DiagramMaker {
 public:
  Diagram<Leaf> MakeLeaf(const std::optional<Leaf>& leaf) {
    if (!leaf.has_value()) return undefined_;
    return leaves_.try_emplace(*leaf, Diagram<Leaf>(*leaf)).first->second;
  }

  Diagram<Leaf> Choice(const Variable& variable, std::vector<Diagram<Leaf>> branches) {
    const bool all_same = std::all_of(branches.begin(), branches.end(), [&](const auto& branch) {
      return branch.identity() == branches[0].identity();
    });
    if (all_same) return branches[0];
    std::vector<const void*> key;
    key.reserve(branches.size());
    for (const Diagram<Leaf>& branch : branches) key.push_back(branch.identity());
    const auto it = made_.find({variable, key});
    if (it != made_.end()) return it->second;
    // Held here, so that no address of a key is used twice.
    return made_
        .emplace(std::make_pair(variable, std::move(key)),
                 Diagram<Leaf>::Choice(variable, std::move(branches)))
        .first->second;
  }

  size_t size() const { return made_.size(); }

 private:
  const Diagram<Leaf> undefined_ = Diagram<Leaf>::Undefined();
  absl::flat_hash_map<Leaf, Diagram<Leaf>> leaves_;
  absl::flat_hash_map<std::pair<Variable, std::vector<const void*>>, Diagram<Leaf>> made_;
};

constexpr size_t kMostNodes = 20000;

// f over the leaves of both for every combination of branches. The first error ends it; `failed`
// then says where. More than `most` nodes are an error (resource exhausted). Where one of the two
// is the leaf `absorbing`, so is the result.
template <typename R, typename A, typename B>
class DiagramApplier {
 public:
  using Function = std::function<absl::StatusOr<std::optional<R>>(const std::optional<A>&,
                                                                  const std::optional<B>&)>;

  DiagramApplier(Function f, size_t most, Assignment* failed,
                 std::optional<R> absorbing = std::nullopt)
      : f_(std::move(f)), most_(most), failed_(failed), absorbing_(std::move(absorbing)) {}

  absl::StatusOr<Diagram<R>> Apply(const Diagram<A>& a, const Diagram<B>& b) {
    if (a.is_leaf() && b.is_leaf()) return Compute(a, b);
    if constexpr (std::is_same_v<R, A> && std::is_same_v<R, B>) {
      const auto absorbs = [this](const Diagram<R>& d) {
        return d.is_leaf() && absorbing_.has_value() && d.maybe_leaf() == absorbing_;
      };
      if (absorbs(a) || absorbs(b)) return maker_.MakeLeaf(absorbing_);
    }
    const std::pair<const void*, const void*> key(a.identity(), b.identity());
    if (const auto done = done_.find(key); done != done_.end()) return done->second;
    absl::StatusOr<Diagram<R>> result = Compute(a, b);
    if (result.ok()) done_.emplace(key, *result);
    return result;
  }

 private:
  absl::StatusOr<Diagram<R>> Compute(const Diagram<A>& a, const Diagram<B>& b) {
    if (a.is_leaf() && b.is_leaf()) {
      absl::StatusOr<std::optional<R>> value = f_(a.maybe_leaf(), b.maybe_leaf());
      if (!value.ok()) {
        if (failed_ != nullptr) *failed_ = way_;
        return value.status();
      }
      return maker_.MakeLeaf(*value);
    }
    if (maker_.size() > most_ || done_.size() > 10 * most_) {
      return absl::ResourceExhaustedError("it depends on too many decisions at once");
    }
    // The earlier variable goes on top.
    const bool split_a = a.is_choice() && (!b.is_choice() || !(b.variable() < a.variable()));
    const bool split_b = b.is_choice() && (!a.is_choice() || !(a.variable() < b.variable()));
    const Variable top = split_a ? a.variable() : b.variable();
    const size_t count = split_a ? a.branches().size() : b.branches().size();
    if (split_a && split_b) CHECK_EQ(a.branches().size(), b.branches().size());
    std::vector<Diagram<R>> branches;
    branches.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      way_.emplace_back(top, static_cast<int>(i));
      absl::StatusOr<Diagram<R>> branch =
          Apply(split_a ? a.branches()[i] : a, split_b ? b.branches()[i] : b);
      way_.pop_back();
      if (!branch.ok()) return branch.status();
      branches.push_back(*std::move(branch));
    }
    return maker_.Choice(top, std::move(branches));
  }

  const Function f_;
  size_t most_;
  Assignment* failed_;
  std::optional<R> absorbing_;
  Assignment way_;
  DiagramMaker<R> maker_;
  absl::flat_hash_map<std::pair<const void*, const void*>, Diagram<R>> done_;
};

template <typename R, typename A, typename B>
absl::StatusOr<Diagram<R>> ApplyToLeaves(const Diagram<A>& a, const Diagram<B>& b,
                                         const typename DiagramApplier<R, A, B>::Function& f,
                                         size_t most = kMostNodes, Assignment* failed = nullptr) {
  return DiagramApplier<R, A, B>(f, most, failed).Apply(a, b);
}

// f where both have a value, undefined elsewhere.
template <typename R, typename A, typename B, typename F>
absl::StatusOr<Diagram<R>> Apply(const Diagram<A>& a, const Diagram<B>& b, const F& f,
                                 size_t most = kMostNodes, Assignment* failed = nullptr) {
  if (a.is_leaf() && b.is_leaf()) {  // nearly always: no more than a call of f
    if (a.is_undefined() || b.is_undefined()) return Diagram<R>::Undefined();
    absl::StatusOr<R> value = f(a.leaf(), b.leaf());
    if (value.ok()) return Diagram<R>(*std::move(value));
    if (failed != nullptr) failed->clear();
    return value.status();
  }
  return ApplyToLeaves<R, A, B>(
      a, b,
      [&f](const std::optional<A>& x,
           const std::optional<B>& y) -> absl::StatusOr<std::optional<R>> {
        if (!x.has_value() || !y.has_value()) return std::optional<R>();
        absl::StatusOr<R> value = f(*x, *y);
        if (!value.ok()) return value.status();
        return std::optional<R>(*std::move(value));
      },
      most, failed);
}

// The function where the condition holds, undefined elsewhere.
template <typename Leaf>
absl::StatusOr<Diagram<Leaf>> Restrict(const Diagram<Leaf>& diagram, const Condition& condition) {
  return ApplyToLeaves<Leaf, Leaf, bool>(
      diagram, condition, [](const std::optional<Leaf>& x, const std::optional<bool>& holds) {
        return absl::StatusOr<std::optional<Leaf>>(holds.value_or(false) ? x : std::nullopt);
      });
}

// Calls f once for every node, branches before what has them.
template <typename Leaf, typename F>
void ForEachNode(const Diagram<Leaf>& diagram, const F& f, absl::flat_hash_set<const void*>& seen) {
  if (!seen.insert(diagram.identity()).second) return;
  for (const Diagram<Leaf>& branch : diagram.branches()) ForEachNode(branch, f, seen);
  f(diagram);
}
template <typename Leaf, typename F>
void ForEachNode(const Diagram<Leaf>& diagram, const F& f) {
  absl::flat_hash_set<const void*> seen;
  ForEachNode(diagram, f, seen);
}

// Whether the function depends on a variable that is wanted.
template <typename Leaf, typename F>
bool DependsOn(const Diagram<Leaf>& diagram, const F& wanted) {
  bool found = false;
  ForEachNode(diagram, [&](const Diagram<Leaf>& node) {
    found |= node.is_choice() && wanted(node.variable());
  });
  return found;
}

// The function once the variables that `pick` knows are fixed.
template <typename Leaf>
class DiagramFixer {
 public:
  explicit DiagramFixer(const Pick& pick) : pick_(pick) {}

  Diagram<Leaf> Fix(const Diagram<Leaf>& diagram) {
    if (const auto done = done_.find(diagram.identity()); done != done_.end()) return done->second;
    Diagram<Leaf> result = Compute(diagram);
    done_.emplace(diagram.identity(), result);
    return result;
  }

 private:
  Diagram<Leaf> Compute(const Diagram<Leaf>& diagram) {
    if (!diagram.is_choice()) return maker_.MakeLeaf(diagram.maybe_leaf());
    const int picked = pick_(diagram.variable());
    CHECK_LT(picked, static_cast<int>(diagram.branches().size()));
    if (picked >= 0) return Fix(diagram.branches()[picked]);
    std::vector<Diagram<Leaf>> branches;
    branches.reserve(diagram.branches().size());
    for (const Diagram<Leaf>& branch : diagram.branches()) branches.push_back(Fix(branch));
    return maker_.Choice(diagram.variable(), std::move(branches));
  }

  const Pick& pick_;
  DiagramMaker<Leaf> maker_;
  absl::flat_hash_map<const void*, Diagram<Leaf>> done_;
};

template <typename Leaf>
Diagram<Leaf> Fix(const Diagram<Leaf>& diagram, const Pick& pick) {
  return DiagramFixer<Leaf>(pick).Fix(diagram);
}

// The leaf that an architecture reaches; `pick` must know every variable on the way.
template <typename Leaf>
const std::optional<Leaf>& At(const Diagram<Leaf>& diagram, const Pick& pick) {
  const Diagram<Leaf>* node = &diagram;
  while (node->is_choice()) node = &node->branches()[pick(node->variable())];
  return node->maybe_leaf();
}

// --- conditions ---

// What is undefined does not hold, and neither does its opposite. These fail only where the result
// would have too many nodes.
absl::StatusOr<Condition> And(const Condition& a, const Condition& b, size_t most = kMostNodes);
absl::StatusOr<Condition> Or(const Condition& a, const Condition& b, size_t most = kMostNodes);
absl::StatusOr<Condition> Not(const Condition& a);

// Branches under which the condition holds, on one way that reaches it; nothing if there is none.
std::optional<Assignment> Witness(const Condition& condition);

}  // namespace nasc::ir
