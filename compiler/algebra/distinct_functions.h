#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"

namespace nasc {

// How many different functions architectures compute.
struct FunctionCount {
  // kExact: every architecture was looked at. kEstimate: from a sample, after Chao; it
  // lies low where some functions have far more architectures than others. kBetween: no
  // two of the sample were equal; then there are `functions` at least (95%), and `most` at most.
  enum class Kind { kExact, kEstimate, kBetween };
  Kind kind = Kind::kExact;
  double functions = 0;
  double error = 0;            // of an estimate: the standard error
  double most = 0;             // kBetween: all architectures
  uint64_t architectures = 0;  // that were looked at

  std::string ToString() const;  // "4930", "1.2e+08 +- 9e+06", "9.6e+08 to 1e+09 (95%)"
};

// The decisions whose paths begin alike ("normal", "reduction"), while all others are held.
struct FunctionGroup {
  std::string name;
  FunctionCount count;
};

struct DistinctFunctions {
  FunctionCount all;
  // Where `all` is not exact and there are several: each group on its own. Where groups do not
  // touch each other, the number of all functions is the product.
  std::vector<FunctionGroup> groups;
};

struct FunctionCountOptions {
  uint64_t enumerate = 200000;  // spaces up to this size are looked at architecture by architecture
  uint64_t samples = 20000;     // of larger ones, so many
  // Of a group of a larger space. A cell of DARTS has 1e9 architectures: enough to know how many
  // functions it has to a twelfth.
  uint64_t group_samples = 200000;
};

// Architectures of one hash compute the same.
DistinctFunctions CountFunctions(const ir::Graph& supernet,
                                 const std::function<Hash128(const Architecture&)>& hash,
                                 const FunctionCountOptions& options = {});

}  // namespace nasc
