#include "compiler/algebra/canonical_form.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace nasc {
namespace {

// Terms that several others use carry the structure; what one term uses alone is part of that one.
// The shared ones get colours, which are refined by what is below (as a tree) and above (how it is
// used), as Weisfeiler and Leman do with graphs, until all colours differ.
class Canonicaliser {
 public:
  Canonicaliser(const Terms& terms, TermId root)
      : terms_(terms), root_(root), uses_(root + 1), hash_(root + 1), colour_(root + 1) {}

  CanonicalForm Run() {
    CountUses();
    HashUpwards();
    size_t colours = Colours();
    while (colours < shared_.size()) {
      Refine();
      const size_t refined = Colours();
      if (refined == colours) TellOneApart();
      HashUpwards();
      colours = Colours();
    }
    return {hash_[root_], Identities()};
  }

 private:
  void CountUses() {
    uses_[root_] = 1;
    for (TermId id = root_; id >= 0; --id) {
      if (uses_[id] == 0) continue;
      for (const TermId operand : terms_[id].operands) ++uses_[operand];
    }
    for (TermId id = 0; id <= root_; ++id) {
      if (uses_[id] > 1) shared_.push_back(id);
    }
  }

  // Hashes of expressions, in which shared terms stand with their colours.
  void HashUpwards() {
    absl::InlinedVector<Hash128, 8> below;
    for (TermId id = 0; id <= root_; ++id) {
      if (uses_[id] == 0) continue;
      const Term& term = terms_[id];
      below.clear();
      for (const TermId operand : term.operands) below.push_back(hash_[operand]);
      if (term.unordered) absl::c_sort(below);
      hasher_.Add(term.label);
      for (const Hash128& hash : below) hasher_.Add(hash);
      hash_[id] = hasher_.Take();
      if (uses_[id] > 1) {
        hasher_.Add("shared").Add(colour_[id]).Add(hash_[id]);
        hash_[id] = hasher_.Take();
      }
    }
  }

  size_t Colours() const {
    absl::flat_hash_set<Hash128> colours;
    for (const TermId id : shared_) colours.insert(hash_[id]);
    return colours.size();
  }

  // Adds to each colour how the term is used.
  void Refine() {
    std::vector<absl::InlinedVector<Hash128, 4>> above(root_ + 1);
    for (TermId id = root_; id >= 0; --id) {
      if (uses_[id] == 0) continue;
      absl::c_sort(above[id]);
      hasher_.Add(hash_[id]);
      for (const Hash128& hash : above[id]) hasher_.Add(hash);
      const Hash128 context = hasher_.Take();
      if (uses_[id] > 1) colour_[id] = context;
      const Term& term = terms_[id];
      for (size_t i = 0; i < term.operands.size(); ++i) {
        hasher_.Add(context).Add(term.unordered ? 0 : i + 1);
        above[term.operands[i]].push_back(hasher_.Take());
      }
    }
    HashUpwards();
  }

  // Where two colours are equal and stay so, one term of them gets a colour of its own.
  void TellOneApart() {
    absl::flat_hash_map<Hash128, int> count;
    for (const TermId id : shared_) ++count[hash_[id]];
    TermId least = -1;
    for (const TermId id : shared_) {
      if (count[hash_[id]] > 1 && (least < 0 || hash_[id] < hash_[least])) least = id;
    }
    hasher_.Add("apart").Add(colour_[least]);
    colour_[least] = hasher_.Take();
  }

  // From the root down, operands in their order; those of unordered terms by their hashes.
  std::vector<int> Identities() const {
    std::vector<int> identities;
    std::vector<bool> seen(root_ + 1);
    std::vector<TermId> open = {root_};
    while (!open.empty()) {
      const TermId id = open.back();
      open.pop_back();
      if (seen[id]) continue;
      seen[id] = true;
      const Term& term = terms_[id];
      if (term.identity >= 0) identities.push_back(term.identity);
      TermIds operands = term.operands;
      if (term.unordered) {
        absl::c_stable_sort(operands, [this](TermId a, TermId b) { return hash_[a] < hash_[b]; });
      }
      open.insert(open.end(), operands.rbegin(), operands.rend());
    }
    return identities;
  }

  const Terms& terms_;
  const TermId root_;
  std::vector<int> uses_;
  std::vector<Hash128> hash_;
  std::vector<Hash128> colour_;  // of shared terms
  std::vector<TermId> shared_;
  Hasher hasher_;
};

}  // namespace

CanonicalForm CanonicalFormOf(const Terms& terms, TermId root) {
  return Canonicaliser(terms, root).Run();
}

}  // namespace nasc
