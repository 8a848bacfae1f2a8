#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/dim.h"
#include "compiler/ir/graph.h"
#include "compiler/numbers.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/rational.h"

namespace nasc {

// A number as a function that is whole wherever it is defined, and back.
NumberDiagram FromDim(const ir::Diagram<int64_t>& dim);

// Evaluates exactly, for every architecture at once. Each gives nothing where the expression has no
// value, which is reported with an architecture for which it has none; a name that `numbers` lacks
// was reported by the checker or has no value in this place, which is reported.
class Evaluator {
 public:
  // `decisions` are what diagrams depend on, for messages.
  Evaluator(const std::vector<ir::Decision>& decisions, Diagnostics& diagnostics)
      : decisions_(decisions), diagnostics_(diagnostics) {}

  std::optional<NumberDiagram> Evaluate(const ast::Expr& expr, const Numbers& numbers);

  // For a place that needs a truth.
  std::optional<ir::Condition> EvaluateTruth(const ast::Expr& expr, const Numbers& numbers);

  // For a place that needs a whole number from `least` on.
  std::optional<ir::Dim> EvaluateSize(const ast::Expr& expr, int64_t least, const Numbers& numbers);

  // For a place that needs a number that no decision changes.
  std::optional<Rational> EvaluateNumber(const ast::Expr& expr, const Numbers& numbers);
  std::optional<int64_t> EvaluateWhole(const ast::Expr& expr, int64_t least,
                                       const Numbers& numbers);

 private:
  std::optional<NumberDiagram> Name(const ast::Expr& expr, const Numbers& numbers);
  std::optional<NumberDiagram> Call(const ast::Expr& expr, const Numbers& numbers);
  std::optional<NumberDiagram> Unary(const ast::Expr& expr, const Numbers& numbers);
  std::optional<NumberDiagram> Binary(const ast::Expr& expr, const Numbers& numbers);
  template <typename T>
  std::optional<T> Checked(absl::StatusOr<T> result, const ir::Assignment& where,
                           const ast::Expr& expr);

  const std::vector<ir::Decision>& decisions_;
  Diagnostics& diagnostics_;
};

// The greatest whole number that a size can be.
constexpr int64_t kGreatestSize = 1 << 24;

// Adds the note that says for which architecture something is wrong; nothing where it is for all.
void AddCounterexample(const ir::Assignment& where, const std::vector<ir::Decision>& decisions,
                       Diagnostic& diagnostic);

}  // namespace nasc
