#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/ir/diagram.h"
#include "dsl/rational.h"

namespace nasc {

// What an expression of a space is for one architecture.
struct Number {
  enum class Kind {
    kNumber,
    kTruth,   // `stride == 1`, `off`
    kSymbol,  // an option of a decision that is a name
  };
  Kind kind = Kind::kNumber;
  bool truth = false;
  Rational value;
  std::string symbol;

  bool is_truth() const { return kind == Kind::kTruth; }
  bool is_number() const { return kind == Kind::kNumber; }

  static Number Truth(bool truth) { return {Kind::kTruth, truth, {}, ""}; }
  static Number Of(Rational value) { return {Kind::kNumber, false, value, ""}; }
  static Number Symbol(std::string name) { return {Kind::kSymbol, false, {}, std::move(name)}; }

  friend bool operator==(const Number& a, const Number& b) {
    return a.kind == b.kind && a.truth == b.truth && a.value == b.value && a.symbol == b.symbol;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Number& n) {
    return H::combine(std::move(h), static_cast<int>(n.kind), n.truth, n.value.numerator(),
                      n.value.denominator(), n.symbol);
  }
};

std::string ToString(const Number& number);

// The same as a function of the decisions.
using NumberDiagram = ir::Diagram<Number>;

// Those of small whole numbers are made once.
NumberDiagram Whole(int64_t value);
inline NumberDiagram Truth(bool truth) { return NumberDiagram(Number::Truth(truth)); }

// Numbers by name. Copies share them until one changes: frames are copied at every call and seldom
// changed.
class Numbers {
 public:
  using Entry = std::pair<std::string, NumberDiagram>;

  // nullptr where there is none.
  const NumberDiagram* Find(absl::string_view name) const;
  bool Has(absl::string_view name) const { return Find(name) != nullptr; }

  // In the order of their names.
  const std::vector<Entry>& entries() const;

  void Set(absl::string_view name, NumberDiagram number);
  // Sets all of another one's.
  void SetAll(const Numbers& other);
  void Erase(absl::string_view name);

 private:
  size_t IndexOf(absl::string_view name) const;
  std::vector<Entry>& Own();

  std::shared_ptr<std::vector<Entry>> entries_;  // nullptr: none
};

}  // namespace nasc
