#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "compiler/ir/diagram.h"

namespace nasc::ir {

// A whole number that may depend on decisions: `16`, `N` (the batch), or a function of them:
// `[@stage1.ratio: 12|16|20]`, undefined (`_`) where no architecture asks for it.
//
// Such a function is kept as a sum of diagrams of which no two depend on the same variable, and a
// constant: `36 + [@n1.edges{n0}: 0|36] + [@n1.edges{x}: 0|36]`. Widths of concatenations and costs
// of networks are sums of many small parts, which as one diagram would be large.
class Dim {
 public:
  Dim() : Dim(0) {}
  Dim(int64_t value) : constant_(value) {}  // NOLINT: numbers are dims
  explicit Dim(const Diagram<int64_t>& diagram);
  static Dim Batch();
  static Dim Undefined() { return Dim(Diagram<int64_t>::Undefined()); }
  static Dim TooComplex();

  bool is_batch() const { return kind_ == Kind::kBatch; }
  bool is_constant() const { return kind_ == Kind::kNumber && terms_.empty(); }
  bool is_number() const { return kind_ == Kind::kNumber; }
  // A number that depends on decisions.
  bool is_open() const { return kind_ == Kind::kNumber && !terms_.empty(); }
  // The result of a computation that would have had too many nodes; no number.
  bool is_too_complex() const { return kind_ == Kind::kTooComplex; }

  int64_t value() const { return constant_; }  // of a constant
  // constant() + the sum of terms().
  int64_t constant() const { return constant_; }
  const std::vector<Diagram<int64_t>>& terms() const { return terms_; }

  // The whole as one diagram. Error: too many nodes, the batch.
  absl::StatusOr<Diagram<int64_t>> ToDiagram() const;

  // The dim once the variables that `pick` knows are fixed.
  Dim Fix(const Pick& pick) const;

  // The number of an architecture; `pick` must know every variable. Nothing where it is undefined,
  // the batch, or too complex.
  std::optional<int64_t> At(const Pick& pick) const;

  // Bounds on what is defined, reached where the dim is a single diagram; of a constant, its value.
  // Not for the batch. 0 where nothing is defined.
  int64_t Min() const;
  int64_t Max() const;

  bool DependsOn(DecisionId decision) const;

  // Equal as functions, undefined places included.
  friend bool operator==(const Dim& a, const Dim& b);
  friend bool operator!=(const Dim& a, const Dim& b) { return !(a == b); }

 private:
  enum class Kind { kNumber, kBatch, kTooComplex };
  friend class DimSum;

  Kind kind_ = Kind::kNumber;
  int64_t constant_ = 0;
  std::vector<Diagram<int64_t>> terms_;  // ordered by their first variable
};

// Sums many dims; quicker than `+`, which brings every sum on the way into its one form.
class DimSum {
 public:
  void Add(const Dim& dim);
  void Add(Diagram<int64_t> term);
  // Adds a term that stays one, whatever it shares with others: which terms of a large sum are
  // joined depends on how it was made, so a sum that is read keeps those that it has.
  void AddApart(Diagram<int64_t> term);
  // The sum; the object is empty afterwards.
  Dim Take();
  // The same as a sum in which only terms of the same variables are one. Smaller, and quicker to
  // walk over, but not the one form of its function.
  Dim TakeApart();

 private:
  struct Part {
    Diagram<int64_t> diagram;
    absl::flat_hash_set<Variable> support;
  };
  // Joins a term with the parts that it shares a variable with.
  void Join(Diagram<int64_t> term);

  Dim::Kind kind_ = Dim::Kind::kNumber;
  int64_t constant_ = 0;
  // What was added, summed where the variables are the same: of many terms, few are left to join.
  std::vector<Diagram<int64_t>> added_;
  absl::flat_hash_map<std::vector<Variable>, size_t> added_index_;
  std::vector<Part> parts_;  // no two share a variable, unless together they are too large
};

// f where both are defined. Neither may be the batch. The first error ends it, with where it
// happened (CounterexampleOf); too many nodes are an error too.
absl::StatusOr<Dim> Apply(const Dim& a, const Dim& b,
                          const std::function<absl::StatusOr<int64_t>(int64_t, int64_t)>& f);
absl::StatusOr<Dim> Apply(const Dim& a, const std::function<absl::StatusOr<int64_t>(int64_t)>& f);

// An error that some architectures have, and which ones.
absl::Status WithCounterexample(absl::Status status, const Assignment& assignment);
Assignment CounterexampleOf(const absl::Status& status);

// For dims other than the batch. A result beyond 64 bits becomes the greatest or least number.
Dim operator+(const Dim& a, const Dim& b);
Dim operator-(const Dim& a, const Dim& b);
Dim operator*(const Dim& a, const Dim& b);

// The dim where the condition holds, undefined elsewhere.
Dim Restrict(const Dim& dim, const Condition& condition);

// The option whose index `index` gives; undefined where that is undefined or no option.
Dim Switch(const Dim& index, const std::vector<Dim>& options);

// 1 where the condition holds, 0 elsewhere, and back.
Dim FromCondition(const Condition& condition);
absl::StatusOr<Condition> ToCondition(const Dim& dim);

// Whether the two are equal wherever both are defined. Where not, `failed` is such a place.
bool Agree(const Dim& a, const Dim& b, Assignment* failed = nullptr);

// `16`, `N`, `[@stage1.ratio: 12|16|20]`, `[@n0.edges{prev}: 0|16]`. What stands in several places
// of a diagram is written once: `#1=[...]`, then `#1`. Variables are named by `name`.
std::string ToString(const Dim& dim, const std::function<std::string(const Variable&)>& name);

}  // namespace nasc::ir
