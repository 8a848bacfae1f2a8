#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/ir/diagram.h"

namespace nasc {

// What stands for one thing, such as the instructions that compute a value, under each option of
// the decisions that are still open. Undefined where no architecture asks for it.
using Variants = ir::Diagram<int64_t>;

// Combines variants of several things: f once for every combination that there is, with the way to
// the first place where it is met.
class VariantsApplier {
 public:
  using Leaves = std::vector<std::optional<int64_t>>;
  using Function = std::function<absl::StatusOr<std::optional<int64_t>>(const Leaves& leaves,
                                                                        const ir::Assignment& way)>;

  explicit VariantsApplier(Function f, ir::Assignment way = {})
      : f_(std::move(f)), way_(std::move(way)) {}

  absl::StatusOr<Variants> Apply(const std::vector<Variants>& parts) {
    std::vector<const void*> key;
    for (const Variants& part : parts) key.push_back(part.identity());
    if (const auto it = done_.find(key); it != done_.end()) return it->second;
    absl::StatusOr<Variants> result = Compute(parts);
    if (result.ok()) done_.emplace(std::move(key), *result);
    return result;
  }

 private:
  absl::StatusOr<Variants> Compute(const std::vector<Variants>& parts) {
    const Variants* top = nullptr;
    for (const Variants& part : parts) {
      if (part.is_choice() && (top == nullptr || part.variable() < top->variable())) top = &part;
    }
    if (top == nullptr) {
      Leaves leaves;
      for (const Variants& part : parts) leaves.push_back(part.maybe_leaf());
      if (const auto it = combined_.find(leaves); it != combined_.end()) return it->second;
      absl::StatusOr<std::optional<int64_t>> leaf = f_(leaves, way_);
      if (!leaf.ok()) return leaf.status();
      const Variants variant = leaf->has_value() ? Variants(**leaf) : Variants::Undefined();
      combined_.emplace(std::move(leaves), variant);
      return variant;
    }
    const ir::Variable variable = top->variable();
    std::vector<Variants> branches;
    for (size_t k = 0; k < top->branches().size(); ++k) {
      std::vector<Variants> taken = parts;
      for (Variants& part : taken) {
        if (part.is_choice() && part.variable() == variable) part = Variants(part.branches()[k]);
      }
      way_.emplace_back(variable, static_cast<int>(k));
      absl::StatusOr<Variants> branch = Apply(taken);
      way_.pop_back();
      if (!branch.ok()) return branch;
      branches.push_back(*std::move(branch));
    }
    return Variants::Choice(variable, std::move(branches));
  }

  const Function f_;
  ir::Assignment way_;
  absl::flat_hash_map<std::vector<const void*>, Variants> done_;
  absl::flat_hash_map<Leaves, Variants> combined_;
};

}  // namespace nasc
