#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/ir/diagram.h"

namespace nasc {

// Beyond 64 bits, the greatest number or the least but one, as the least stands for no sum.
inline int64_t SaturatedSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? INT64_MIN + 1 : INT64_MAX;
}

// The nodes of diagrams of numbers, each once: what is left of two diagrams is equal where it is
// the same node.
class DiagramNodes {
 public:
  struct Node {
    ir::Variable variable;
    std::vector<int> branches;  // empty: a leaf
    int64_t leaf = 0;
    int64_t least = 0;
    int64_t greatest = 0;
  };
  const Node& operator[](int node) const { return nodes_[node]; }
  int64_t LeafOf(int node) const { return nodes_[node].leaf; }

  int Intern(const ir::Diagram<int64_t>& diagram) {
    if (const auto it = interned_.find(diagram.identity()); it != interned_.end()) {
      return it->second;
    }
    Node node;
    if (diagram.is_leaf()) {
      node.leaf = node.least = node.greatest = diagram.maybe_leaf().value_or(0);
    } else {
      node.variable = diagram.variable();
      node.least = INT64_MAX;
      node.greatest = INT64_MIN;
      for (const ir::Diagram<int64_t>& branch : diagram.branches()) {
        const int id = Intern(branch);
        node.branches.push_back(id);
        node.least = std::min(node.least, nodes_[id].least);
        node.greatest = std::max(node.greatest, nodes_[id].greatest);
      }
    }
    kept_.push_back(diagram);  // so that no address is used twice
    const int id = Unique(std::move(node));
    interned_.emplace(diagram.identity(), id);
    return id;
  }

  int Zero() {
    if (zero_ < 0) zero_ = Unique(Node());
    return zero_;
  }

  // What one diagram is above the other at most.
  int64_t MostAbove(int a, int b) {
    if (a == b) return 0;
    if (nodes_[a].branches.empty() && nodes_[b].branches.empty()) {
      return SaturatedSum(nodes_[a].leaf, -nodes_[b].leaf);
    }
    const auto key = std::make_pair(a, b);
    if (const auto it = most_above_.find(key); it != most_above_.end()) return it->second;
    const auto opens = [&](int node, int other) {
      return !nodes_[node].branches.empty() &&
             (nodes_[other].branches.empty() || !(nodes_[other].variable < nodes_[node].variable));
    };
    const bool open_a = opens(a, b);
    const bool open_b = opens(b, a);
    const size_t branches = nodes_[open_a ? a : b].branches.size();
    int64_t most = INT64_MIN + 1;
    for (size_t k = 0; k < branches; ++k) {
      most = std::max(
          most, MostAbove(open_a ? nodes_[a].branches[k] : a, open_b ? nodes_[b].branches[k] : b));
    }
    most_above_.emplace(key, most);
    return most;
  }

 private:
  int Unique(Node node) {
    const auto key = std::make_pair(std::make_pair(node.variable, node.leaf), node.branches);
    const auto [it, fresh] = unique_.emplace(key, static_cast<int>(nodes_.size()));
    if (fresh) nodes_.push_back(std::move(node));
    return it->second;
  }

  std::vector<Node> nodes_;
  std::vector<ir::Diagram<int64_t>> kept_;
  absl::flat_hash_map<const void*, int> interned_;
  absl::flat_hash_map<std::pair<std::pair<ir::Variable, int64_t>, std::vector<int>>, int> unique_;
  absl::flat_hash_map<std::pair<int, int>, int64_t> most_above_;
  int zero_ = -1;
};

}  // namespace nasc
