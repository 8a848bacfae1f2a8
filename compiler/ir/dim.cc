#include "compiler/ir/dim.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"

namespace nasc::ir {
namespace {

// A node as a key: the options of a choice by address, a constant by value. Choices that share
// their options are one node, so work is done once a node and not once a path, of which there are
// exponentially many.
using Identity = std::pair<const void*, int64_t>;

Identity IdentityOf(const Dim& dim) {
  CHECK(!dim.is_batch()) << "the batch is no number";
  if (dim.is_choice()) return {&dim.options(), 0};
  return {nullptr, dim.value()};
}

// Makes choices such that equal ones are one node, provided that their options came from here too.
class Maker {
 public:
  Dim Choice(DecisionId decision, std::vector<Dim> options) {
    std::vector<Identity> key;
    key.reserve(options.size());
    for (const Dim& option : options) key.push_back(IdentityOf(option));
    Dim& made = made_[{decision, std::move(key)}];
    if (!made.is_choice()) made = Dim::Choice(decision, std::move(options));
    return made;
  }

 private:
  // Holds what its keys name, so that no address is used twice.
  absl::flat_hash_map<std::pair<DecisionId, std::vector<Identity>>, Dim> made_;
};

class Applier {
 public:
  using Function = std::function<absl::StatusOr<int64_t>(int64_t, int64_t)>;
  explicit Applier(const Function& f) : f_(f) {}

  absl::StatusOr<Dim> Apply(const Dim& a, const Dim& b) {
    const std::pair<Identity, Identity> key(IdentityOf(a), IdentityOf(b));
    if (const auto done = done_.find(key); done != done_.end()) return done->second;
    absl::StatusOr<Dim> result = Compute(a, b);
    if (result.ok()) done_.emplace(key, *result);
    return result;
  }

 private:
  absl::StatusOr<Dim> Compute(const Dim& a, const Dim& b) {
    if (a.is_constant() && b.is_constant()) {
      const absl::StatusOr<int64_t> value = f_(a.value(), b.value());
      if (!value.ok()) return value.status();
      return Dim(*value);
    }
    // The earlier decision goes on top.
    const bool split_a = a.is_choice() && (!b.is_choice() || a.decision() <= b.decision());
    const bool split_b = b.is_choice() && (!a.is_choice() || b.decision() <= a.decision());
    const Dim& top = split_a ? a : b;
    if (split_a && split_b) CHECK_EQ(a.options().size(), b.options().size());
    std::vector<Dim> options;
    options.reserve(top.options().size());
    for (size_t i = 0; i < top.options().size(); ++i) {
      absl::StatusOr<Dim> option =
          Apply(split_a ? a.options()[i] : a, split_b ? b.options()[i] : b);
      if (!option.ok()) return option.status();
      options.push_back(*std::move(option));
    }
    return maker_.Choice(top.decision(), std::move(options));
  }

  const Function& f_;
  Maker maker_;
  absl::flat_hash_map<std::pair<Identity, Identity>, Dim> done_;
};

class Fixer {
 public:
  explicit Fixer(const std::function<int(DecisionId)>& pick) : pick_(pick) {}

  Dim Fix(const Dim& dim) {
    if (!dim.is_choice()) return dim;
    const Identity key = IdentityOf(dim);
    if (const auto done = done_.find(key); done != done_.end()) return done->second;
    Dim result = Compute(dim);
    done_.emplace(key, result);
    return result;
  }

 private:
  Dim Compute(const Dim& dim) {
    const int picked = pick_(dim.decision());
    CHECK_LT(picked, static_cast<int>(dim.options().size()));
    if (picked >= 0) return Fix(dim.options()[picked]);
    std::vector<Dim> options;
    options.reserve(dim.options().size());
    for (const Dim& option : dim.options()) options.push_back(Fix(option));
    return maker_.Choice(dim.decision(), std::move(options));
  }

  const std::function<int(DecisionId)>& pick_;
  Maker maker_;
  absl::flat_hash_map<Identity, Dim> done_;
};

// Calls f for every value that the dim can have.
template <typename F>
void ForEachValue(const Dim& dim, F f, absl::flat_hash_set<Identity>& seen) {
  if (!seen.insert(IdentityOf(dim)).second) return;
  if (dim.is_constant()) return f(dim.value());
  for (const Dim& option : dim.options()) ForEachValue(option, f, seen);
}

// The finaliser of SplitMix64.
uint64_t Mix(uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return bits ^ (bits >> 31);
}

using SeenPairs = absl::flat_hash_set<std::pair<Identity, Identity>>;

bool Equal(const Dim& a, const Dim& b, SeenPairs& seen) {
  if (a.is_batch() || b.is_batch()) return a.is_batch() && b.is_batch();
  if (IdentityOf(a) == IdentityOf(b)) return true;
  if (!a.is_choice() || !b.is_choice() || a.decision() != b.decision()) return false;
  if (a.hash() != b.hash()) return false;
  // A pair seen before is equal, or the search would have ended there.
  if (!seen.emplace(IdentityOf(a), IdentityOf(b)).second) return true;
  return std::equal(a.options().begin(), a.options().end(), b.options().begin(), b.options().end(),
                    [&](const Dim& x, const Dim& y) { return Equal(x, y, seen); });
}

// Sums, differences and products of dims that come from a text may be too large. They become the
// greatest or least number then, which nobody takes for a size that fits.
int64_t Limit(bool negative) {
  return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

int64_t Add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? Limit(a < 0) : sum;
}

int64_t Subtract(int64_t a, int64_t b) {
  int64_t difference = 0;
  return __builtin_sub_overflow(a, b, &difference) ? Limit(a < 0) : difference;
}

int64_t Multiply(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? Limit((a < 0) != (b < 0)) : product;
}

// For functions that always have a value.
Dim ApplyTotal(const Dim& a, const Dim& b, int64_t (*f)(int64_t, int64_t)) {
  return *Apply(a, b, [f](int64_t x, int64_t y) -> absl::StatusOr<int64_t> { return f(x, y); });
}

}  // namespace

Dim::Dim(int64_t value) : value_(value), hash_(Mix(static_cast<uint64_t>(value) << 1 | 1)) {}

Dim Dim::Batch() {
  Dim dim;
  dim.kind_ = Kind::kBatch;
  return dim;
}

Dim Dim::Choice(DecisionId decision, std::vector<Dim> options) {
  CHECK(!options.empty()) << "a choice without options";
  for (const Dim& option : options) {
    CHECK(!option.is_batch()) << "the batch depends on no decision";
    CHECK(!option.is_choice() || decision < option.decision()) << "decisions out of order";
  }
  const bool all_equal = std::all_of(options.begin() + 1, options.end(),
                                     [&](const Dim& option) { return option == options[0]; });
  if (all_equal) return options[0];
  Dim dim;
  dim.kind_ = Kind::kChoice;
  dim.decision_ = decision;
  dim.hash_ = Mix(static_cast<uint64_t>(decision) + 1);
  for (const Dim& option : options) dim.hash_ = Mix(dim.hash_ ^ option.hash());
  dim.options_ = std::make_shared<const std::vector<Dim>>(std::move(options));
  return dim;
}

Dim Dim::Fix(const std::function<int(DecisionId)>& pick) const { return Fixer(pick).Fix(*this); }

int64_t Dim::Min() const {
  int64_t least = std::numeric_limits<int64_t>::max();
  absl::flat_hash_set<Identity> seen;
  ForEachValue(
      *this, [&](int64_t value) { least = std::min(least, value); }, seen);
  return least;
}

int64_t Dim::Max() const {
  int64_t greatest = std::numeric_limits<int64_t>::min();
  absl::flat_hash_set<Identity> seen;
  ForEachValue(
      *this, [&](int64_t value) { greatest = std::max(greatest, value); }, seen);
  return greatest;
}

bool operator==(const Dim& a, const Dim& b) {
  SeenPairs seen;
  return Equal(a, b, seen);
}

absl::StatusOr<Dim> Apply(const Dim& a, const Dim& b,
                          const std::function<absl::StatusOr<int64_t>(int64_t, int64_t)>& f) {
  return Applier(f).Apply(a, b);
}

absl::StatusOr<Dim> Apply(const Dim& a, const std::function<absl::StatusOr<int64_t>(int64_t)>& f) {
  return Apply(a, 0, [&f](int64_t x, int64_t) { return f(x); });
}

Dim operator+(const Dim& a, const Dim& b) { return ApplyTotal(a, b, Add); }
Dim operator-(const Dim& a, const Dim& b) { return ApplyTotal(a, b, Subtract); }
Dim operator*(const Dim& a, const Dim& b) { return ApplyTotal(a, b, Multiply); }

std::string ToString(const Dim& dim, const std::function<std::string(DecisionId)>& name) {
  if (dim.is_batch()) return "N";
  if (dim.is_constant()) return absl::StrCat(dim.value());
  return absl::StrCat("[@", name(dim.decision()), ": ",
                      absl::StrJoin(dim.options(), "|",
                                    [&](std::string* out, const Dim& option) {
                                      absl::StrAppend(out, ToString(option, name));
                                    }),
                      "]");
}

}  // namespace nasc::ir
