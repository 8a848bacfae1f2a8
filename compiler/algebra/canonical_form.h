#pragma once

#include <vector>

#include "compiler/algebra/terms.h"

namespace nasc {

struct CanonicalForm {
  Hash128 hash;
  // The identities of terms, in an order that is the same for terms of one form: renaming the i-th
  // of one to the i-th of the other makes them equal.
  std::vector<int> identities;
};

// A hash of what the root computes that is the same for all ways to number the terms, to order the
// operands of unordered ones, and to name the weights. Terms that differ in whether a value is used
// twice or computed twice, with weights of its own each time, differ.
//
// Unlike functions never have one form but by chance (2^-128). Like ones have one form unless two
// values cannot be told apart by all that is above and below them and yet no renaming swaps them;
// no space of the literature that we know has such values.
CanonicalForm CanonicalFormOf(const Terms& terms, TermId root);

}  // namespace nasc
