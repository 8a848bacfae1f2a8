#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/architecture.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Which architectures compute the same: those of one number. An architecture is hashed once.
class FunctionClasses {
 public:
  explicit FunctionClasses(const ir::Graph& supernet) : hasher_(supernet) {}

  int64_t Of(const Architecture& architecture) {
    const auto [it, is_new] = classes_.try_emplace(architecture, 0);
    if (is_new) {
      const auto next = static_cast<int64_t>(by_hash_.size());
      it->second = by_hash_.try_emplace(hasher_.Of(architecture), next).first->second;
    }
    return it->second;
  }

 private:
  FunctionHasher hasher_;
  absl::flat_hash_map<Hash128, int64_t> by_hash_;
  absl::flat_hash_map<Architecture, int64_t> classes_;
};

}  // namespace nasc
