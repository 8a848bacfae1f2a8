#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "compiler/hash128.h"

namespace nasc {

using TermId = int;
using TermIds = absl::InlinedVector<TermId, 4>;

// What a value of an architecture is computed from.
struct Term {
  Hash128 label;  // the operation and its attributes
  TermIds operands;
  bool unordered = false;  // the order of operands does not matter
  // Weights of its own, or random numbers: a second term with the same label and operands computes
  // something else. -1: none, and so equal terms are one.
  int identity = -1;
  // The hash of the expression below, written out as a tree.
  Hash128 tree;
};

// Terms in an order in which operands precede their users.
class Terms {
 public:
  // The id of that term, which is made unless it is there.
  TermId Add(Hash128 label, TermIds operands, bool unordered = false, int identity = -1);
  const Term& operator[](TermId id) const { return terms_[id]; }
  int size() const { return static_cast<int>(terms_.size()); }
  void Clear();

 private:
  std::vector<Term> terms_;
  absl::flat_hash_map<Hash128, TermId> known_;
  Hasher hasher_;
};

}  // namespace nasc
