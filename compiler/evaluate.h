#pragma once

#include <map>
#include <optional>
#include <string>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/rational.h"

namespace nasc {

// The value of an expression of a space.
struct Number {
  bool is_truth = false;  // `stride == 1`, `off`
  bool truth = false;
  Rational value;

  static Number Truth(bool truth) { return {true, truth, {}}; }
  static Number Of(Rational value) { return {false, false, value}; }
};

std::string ToString(const Number& number);

using Numbers = std::map<std::string, Number>;

// Evaluates exactly. Nothing where it has no value, which has been reported; a name that `numbers`
// lacks was reported by the checker or has no value in this place, which is reported.
std::optional<Number> Evaluate(const ast::Expr& expr, const Numbers& numbers,
                               Diagnostics& diagnostics);

// The same, for a place that needs a truth, a number, a whole number of at least `least`.
std::optional<bool> EvaluateTruth(const ast::Expr& expr, const Numbers& numbers,
                                  Diagnostics& diagnostics);
std::optional<Rational> EvaluateNumber(const ast::Expr& expr, const Numbers& numbers,
                                       Diagnostics& diagnostics);
std::optional<int64_t> EvaluateWhole(const ast::Expr& expr, int64_t least, const Numbers& numbers,
                                     Diagnostics& diagnostics);

}  // namespace nasc
