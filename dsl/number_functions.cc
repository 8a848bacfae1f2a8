#include "dsl/number_functions.h"

#include <algorithm>

namespace nasc {
namespace {

Rational Floor(const std::vector<Rational>& x) { return x[0].Floor(); }

Rational Ceil(const std::vector<Rational>& x) {
  return x[0].is_whole() ? x[0] : Rational(x[0].Floor() + 1);
}

// Halves go up, as everybody rounds by hand.
Rational Round(const std::vector<Rational>& x) {
  const absl::StatusOr<Rational> half = Rational::Make(1, 2);
  const absl::StatusOr<Rational> sum = Add(x[0], *half);
  return sum.ok() ? Rational(sum->Floor()) : Rational(x[0].Floor());
}

Rational Least(const std::vector<Rational>& x) { return *std::min_element(x.begin(), x.end()); }
Rational Greatest(const std::vector<Rational>& x) { return *std::max_element(x.begin(), x.end()); }

}  // namespace

const std::vector<NumberFunction>& NumberFunctions() {
  static const auto* const functions = new std::vector<NumberFunction>{
      {"floor", 1, 1, Floor, "the greatest whole number that is not above"},
      {"ceil", 1, 1, Ceil, "the least whole number that is not below"},
      {"round", 1, 1, Round, "the nearest whole number; halves go up"},
      {"min", 1, 100, Least, "the least of its arguments"},
      {"max", 1, 100, Greatest, "the greatest of its arguments"},
  };
  return *functions;
}

const NumberFunction* FindNumberFunction(absl::string_view name) {
  for (const NumberFunction& function : NumberFunctions()) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

}  // namespace nasc
