#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nasc::ir {

using DecisionId = int;

// A whole number that may depend on decisions: `16`, `N` (the batch), or, where an option of a
// decision fixes it, `[@stage1.ratio: 12|16|20]`, nested for several decisions.
//
// A reduced ordered decision diagram: decisions appear in increasing order on every path, and no
// node has equal children. Two dims are equal functions of the decisions exactly when they are
// equal trees, so proofs over all architectures are comparisons.
class Dim {
 public:
  Dim() : Dim(0) {}
  Dim(int64_t value);  // NOLINT: numbers are dims
  static Dim Batch();
  // One dim an option; the decision must precede every decision that the options depend on.
  // Returns the option itself where all of them are equal.
  static Dim Choice(DecisionId decision, std::vector<Dim> options);

  bool is_batch() const { return kind_ == Kind::kBatch; }
  bool is_constant() const { return kind_ == Kind::kConstant; }
  bool is_choice() const { return kind_ == Kind::kChoice; }

  int64_t value() const { return value_; }           // of a constant
  DecisionId decision() const { return decision_; }  // of a choice
  const std::vector<Dim>& options() const { return *options_; }

  // The dim once `pick` has said which option each decision takes (-1: left open).
  Dim Fix(const std::function<int(DecisionId)>& pick) const;

  // Equal for equal dims, and so a quick way to tell most others apart.
  uint64_t hash() const { return hash_; }

  // The least and the greatest value; of a constant, its value. Not for the batch.
  int64_t Min() const;
  int64_t Max() const;

  friend bool operator==(const Dim& a, const Dim& b);
  friend bool operator!=(const Dim& a, const Dim& b) { return !(a == b); }

 private:
  enum class Kind { kConstant, kBatch, kChoice };
  Kind kind_ = Kind::kConstant;
  int64_t value_ = 0;
  uint64_t hash_ = 0;
  DecisionId decision_ = -1;
  std::shared_ptr<const std::vector<Dim>> options_;
};

// f applied for every combination of options. Neither may be the batch. The first error ends it.
absl::StatusOr<Dim> Apply(const Dim& a, const Dim& b,
                          const std::function<absl::StatusOr<int64_t>(int64_t, int64_t)>& f);
absl::StatusOr<Dim> Apply(const Dim& a, const std::function<absl::StatusOr<int64_t>(int64_t)>& f);

// For dims other than the batch. A result beyond 64 bits becomes the greatest or least number.
Dim operator+(const Dim& a, const Dim& b);
Dim operator-(const Dim& a, const Dim& b);
Dim operator*(const Dim& a, const Dim& b);

// `16`, `N`, `[@stage1.ratio: 12|16|20]`; decisions are named by `name`.
std::string ToString(const Dim& dim, const std::function<std::string(DecisionId)>& name);

}  // namespace nasc::ir
