#include "compiler/algebra/terms.h"

#include <algorithm>
#include <utility>

namespace nasc {

TermId Terms::Add(Hash128 label, TermIds operands, bool unordered, int identity) {
  if (unordered) std::sort(operands.begin(), operands.end());
  hasher_.Add(label).Add(static_cast<uint64_t>(identity));
  for (const TermId operand : operands) hasher_.Add(static_cast<uint64_t>(operand));
  const auto [known, is_new] = known_.try_emplace(hasher_.Take(), size());
  if (!is_new) return known->second;

  absl::InlinedVector<Hash128, 4> trees;
  for (const TermId operand : operands) trees.push_back(terms_[operand].tree);
  if (unordered) std::sort(trees.begin(), trees.end());
  hasher_.Add(label);
  for (const Hash128& tree : trees) hasher_.Add(tree);
  terms_.push_back({label, std::move(operands), unordered, identity, hasher_.Take()});
  return size() - 1;
}

void Terms::Clear() {
  terms_.clear();
  known_.clear();
}

}  // namespace nasc
