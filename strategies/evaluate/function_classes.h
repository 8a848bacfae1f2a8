#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// Which architectures compute the same: those of one number. An architecture is hashed once.
class FunctionClasses {
 public:
  // The space outlives this.
  FunctionClasses(const DecisionSpace& space, const ir::Graph& supernet)
      : space_(space), hasher_(supernet) {}

  int64_t Of(const ArchitectureCode& architecture) {
    const auto [it, is_new] = classes_.try_emplace(architecture, 0);
    if (is_new) {
      const auto next = static_cast<int64_t>(by_hash_.size());
      const Hash128 hash = hasher_.Of(space_.Decode(architecture));
      it->second = by_hash_.try_emplace(hash, next).first->second;
    }
    return it->second;
  }

 private:
  const DecisionSpace& space_;
  FunctionHasher hasher_;
  absl::flat_hash_map<Hash128, int64_t> by_hash_;
  absl::flat_hash_map<ArchitectureCode, int64_t> classes_;
};

}  // namespace nasc
