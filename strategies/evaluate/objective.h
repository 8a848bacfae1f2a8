#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "dsl/ast.h"

namespace nasc {

// What a search makes large or small: an expression over measures, such as MnasNet's reward (Tan et
// al., CVPR 2019, equation 2) `accuracy * (latency / 78ms) ^ -0.07`. It knows numbers, the names of
// measures, + - * / ^, and the functions exp, log (natural), min and max.
class Objective {
 public:
  // Error: what is wrong with the expression, and `place`, where. Names are checked by Bind.
  static absl::StatusOr<Objective> Read(const ast::Expr& expr, bool maximize, Location* place);

  // maximize MEASURE
  static Objective Maximize(std::string measure);

  // The measures that it asks for, each once.
  std::vector<std::string> Names() const;

  // The same objective for values in the order of these measures. Error: one is missing.
  absl::StatusOr<Objective> Bind(const std::vector<std::string>& measures) const;

  // Of a bound one: the value with its sign turned so that more is better; NaN where it has none.
  double Of(absl::Span<const double> values) const { return sign_ * Value(root_, values); }

  // As it was written: "maximize accuracy * (latency / 0.078) ^ -0.07".
  const std::string& text() const { return text_; }

  // What Of gave, as the user counts it.
  double AsWritten(double objective) const { return sign_ * objective; }

 private:
  enum class Kind {
    kNumber,
    kMeasure,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kPower,
    kNegate,
    kExp,
    kLog,
    kMin,
    kMax
  };
  struct Node {
    Kind kind = Kind::kNumber;
    double number = 0;
    std::string name;
    size_t measure = 0;  // once it is bound
    int left = -1;
    int right = -1;
  };

  absl::StatusOr<int> Add(const ast::Expr& expr, Location* place);
  absl::StatusOr<int> AddCall(const ast::Expr& expr, Location* place);
  double Value(int node, absl::Span<const double> values) const;

  std::vector<Node> nodes_;
  int root_ = 0;
  double sign_ = 1;
  std::string text_;
};

}  // namespace nasc
