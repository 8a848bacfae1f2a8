#include "compiler/constraints.h"

#include <cstdint>
#include <numeric>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/cost.h"
#include "compiler/evaluate.h"
#include "dsl/ast_printer.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kRequirement, "requirement", kError);

constexpr int64_t kMost = INT64_MAX / 4;  // no sum of a network is as large
constexpr int64_t kFinest = 1000000;

// A sum over decisions with a common denominator.
struct Sum {
  ir::Dim numerator = 0;
  int64_t denominator = 1;
};

class ConstraintCompiler {
 public:
  ConstraintCompiler(const Space& space, const ast::Require& require, const GraphAtScale& at_scale,
                     ir::Graph& graph, Diagnostics& diagnostics)
      : space_(space),
        require_(require),
        at_scale_(at_scale),
        graph_(graph),
        diagnostics_(diagnostics) {}

  void Compile() { Compile(require_.condition); }

 private:
  // Conditions that `and` joins hold each for itself.
  void Compile(const ast::Expr& expr) {
    if (expr.kind == ast::Expr::Kind::kBinary && expr.text == "and") {
      Compile(expr.operands[0]);
      Compile(expr.operands[1]);
      return;
    }
    ir::Constraint constraint;
    constraint.text = PrintExpr(expr);
    if (require_.scale.has_value()) absl::StrAppend(&constraint.text, " at ", require_.scale->text);
    constraint.location = expr.location;
    const std::string& op = expr.text;
    const bool ordered = expr.kind == ast::Expr::Kind::kBinary &&
                         (op == "<=" || op == ">=" || op == "<" || op == ">");
    if (ordered && Order(expr, constraint)) {
      if (constraint.value.is_too_complex()) return;  // reported
    } else {
      const std::optional<ir::Condition> condition = Truth(expr);
      if (!condition.has_value()) return;
      constraint.value = ir::FromCondition(*condition);
      constraint.least = constraint.most = 1;
    }
    graph_.constraints.push_back(std::move(constraint));
  }

  // As a sum between two numbers; false where it is better a condition: where a decision that it
  // asks for may not be alive, it holds. Where there was an error, the value is too complex.
  bool Order(const ast::Expr& expr, ir::Constraint& constraint) {
    const std::optional<Sum> left = Number(expr.operands[0]);
    const std::optional<Sum> right = Number(expr.operands[1]);
    constraint.value = ir::Dim::TooComplex();
    if (!left.has_value() || !right.has_value()) return true;
    ir::Dim difference = left->numerator * ir::Dim(right->denominator) -
                         right->numerator * ir::Dim(left->denominator);
    // The left alone reads best where the right is a number.
    int64_t bound = 0;
    if (right->numerator.is_constant()) {
      difference = left->numerator * ir::Dim(right->denominator);
      bound = right->numerator.value() * left->denominator;
      if (bound % right->denominator == 0) {
        difference = left->numerator;
        bound /= right->denominator;
      }
    }
    if (difference.is_too_complex()) return !Fail(expr, "it depends on too many decisions at once");
    if (HasUndefined(difference)) return false;
    constraint.value = difference;
    const bool strict = expr.text == "<" || expr.text == ">";
    const bool below = expr.text == "<" || expr.text == "<=";
    constraint.least = below ? -kMost : bound + (strict ? 1 : 0);
    constraint.most = below ? bound - (strict ? 1 : 0) : kMost;
    return true;
  }

  static bool HasUndefined(const ir::Dim& dim) {
    bool found = false;
    for (const ir::Diagram<int64_t>& term : dim.terms()) {
      ir::ForEachNode(term, [&](const auto& node) { found |= node.is_undefined(); });
    }
    return found;
  }

  bool Fail(const ast::Expr& expr, const std::string& message) {
    diagnostics_.Report(kRequirement, expr.location, message);
    return false;
  }

  // A condition as one diagram, for `or`, `not`, `==` and `!=`.
  std::optional<ir::Condition> Truth(const ast::Expr& expr) {
    const std::string& op = expr.text;
    const auto done =
        [&](const absl::StatusOr<ir::Condition>& result) -> std::optional<ir::Condition> {
      if (result.ok()) return *result;
      Fail(expr, absl::StrCat("'", PrintExpr(expr), "': ", result.status().message()));
      return std::nullopt;
    };
    if (expr.kind == ast::Expr::Kind::kUnary && op == "not") {
      const auto operand = Truth(expr.operands[0]);
      if (!operand.has_value()) return std::nullopt;
      return done(ir::Not(*operand));
    }
    if (expr.kind != ast::Expr::Kind::kBinary) {
      Fail(expr, absl::StrCat("a condition is needed, found '", PrintExpr(expr), "'"));
      return std::nullopt;
    }
    if (op == "and" || op == "or") {
      const auto a = Truth(expr.operands[0]);
      const auto b = Truth(expr.operands[1]);
      if (!a.has_value() || !b.has_value()) return std::nullopt;
      return done(op == "and" ? ir::And(*a, *b) : ir::Or(*a, *b));
    }
    if (const auto option = OptionTaken(expr); option.has_value()) return *option;
    const std::optional<Sum> a = Number(expr.operands[0]);
    const std::optional<Sum> b = Number(expr.operands[1]);
    if (!a.has_value() || !b.has_value()) return std::nullopt;
    const absl::StatusOr<ir::Dim> truth =
        ir::Apply(a->numerator * ir::Dim(b->denominator), b->numerator * ir::Dim(a->denominator),
                  [&](int64_t x, int64_t y) -> absl::StatusOr<int64_t> {
                    if (op == "==") return x == y ? 1 : 0;
                    if (op == "!=") return x != y ? 1 : 0;
                    if (op == "<=") return x <= y ? 1 : 0;
                    if (op == ">=") return x >= y ? 1 : 0;
                    if (op == "<") return x < y ? 1 : 0;
                    if (op == ">") return x > y ? 1 : 0;
                    return absl::InvalidArgumentError("a condition is needed");
                  });
    if (!truth.ok()) return done(truth.status());
    return done(HoldsWhereUndefined(*truth));
  }

  static absl::StatusOr<ir::Condition> HoldsWhereUndefined(const ir::Dim& truth) {
    const absl::StatusOr<ir::Diagram<int64_t>> diagram = truth.ToDiagram();
    if (!diagram.ok()) return diagram.status();
    return ir::ApplyToLeaves<bool, int64_t, bool>(
        *diagram, ir::Condition(true),
        [](const std::optional<int64_t>& holds, const std::optional<bool>&) {
          return absl::StatusOr<std::optional<bool>>(holds.value_or(1) != 0);
        });
  }

  // `stage1.kind == mbconv`: whether a decision takes an option that is a name.
  std::optional<ir::Condition> OptionTaken(const ast::Expr& expr) {
    if (expr.text != "==" && expr.text != "!=") return std::nullopt;
    for (const bool swapped : {false, true}) {
      const ast::Expr& path = expr.operands[swapped ? 1 : 0];
      const ast::Expr& option = expr.operands[swapped ? 0 : 1];
      if (path.kind != ast::Expr::Kind::kName || option.kind != ast::Expr::Kind::kName) continue;
      const std::optional<int> id = Find(path.text);
      if (!id.has_value()) continue;
      const ir::Decision& decision = graph_.decisions[*id];
      for (size_t i = 0; i < decision.options.size(); ++i) {
        if (decision.options[i] != option.text) continue;
        const auto taken = ir::And(decision.alive, ir::Takes(decision, *id, static_cast<int>(i)));
        const auto dead = ir::Not(decision.alive);
        if (!taken.ok() || !dead.ok()) return std::nullopt;
        const auto other = ir::Not(*taken);
        const auto holds = expr.text == "==" ? ir::Or(*taken, *dead) : other;
        if (holds.ok()) return *holds;
      }
    }
    return std::nullopt;
  }

  std::optional<int> Find(const std::string& path) const {
    for (size_t i = 0; i < graph_.decisions.size(); ++i) {
      if (graph_.decisions[i].path == path) return static_cast<int>(i);
    }
    return std::nullopt;
  }

  std::optional<Sum> Number(const ast::Expr& expr) {
    switch (expr.kind) {
      case ast::Expr::Kind::kNumber:
        return Sum{expr.number.numerator(), expr.number.denominator()};
      case ast::Expr::Kind::kName:
        return Name(expr);
      case ast::Expr::Kind::kCall:
        return Count(expr);
      case ast::Expr::Kind::kUnary: {
        std::optional<Sum> operand = Number(expr.operands[0]);
        if (operand.has_value()) operand->numerator = operand->numerator * ir::Dim(-1);
        return operand;
      }
      case ast::Expr::Kind::kBinary:
        return Arithmetic(expr);
      case ast::Expr::Kind::kString:
        break;
    }
    return std::nullopt;
  }

  std::optional<Sum> Arithmetic(const ast::Expr& expr) {
    const std::optional<Sum> a = Number(expr.operands[0]);
    const std::optional<Sum> b = Number(expr.operands[1]);
    if (!a.has_value() || !b.has_value()) return std::nullopt;
    Sum sum;
    int64_t overflow = 0;
    if (__builtin_mul_overflow(a->denominator, b->denominator, &overflow)) {
      Fail(expr, "fractions too fine to be compared");
      return std::nullopt;
    }
    sum.denominator = a->denominator * b->denominator;
    const ir::Dim x = a->numerator * ir::Dim(b->denominator);
    const ir::Dim y = b->numerator * ir::Dim(a->denominator);
    if (expr.text == "+") {
      sum.numerator = x + y;
    } else if (expr.text == "-") {
      sum.numerator = x - y;
    } else if (expr.text == "*") {
      sum.numerator = a->numerator * b->numerator;
    } else if (expr.text == "/" && b->numerator.is_constant() && b->numerator.value() > 0) {
      sum = {x, a->denominator * b->numerator.value()};
    } else {
      Fail(expr, absl::StrCat("'", PrintExpr(expr), "' is no sum, difference, product or quotient ",
                              "by a number above 0"));
      return std::nullopt;
    }
    if (!sum.numerator.is_too_complex()) return sum;
    Fail(expr, absl::StrCat("'", PrintExpr(expr), "' depends on too many decisions at once"));
    return std::nullopt;
  }

  std::optional<Sum> Name(const ast::Expr& expr) {
    const std::string& name = expr.text;
    if (name == "weights" || name == "macs" || name == "activations") return CostSum(expr);
    const std::optional<int> id = Find(name);
    if (!id.has_value()) {
      std::vector<std::string> paths;
      for (const ir::Decision& decision : graph_.decisions) paths.push_back(decision.path);
      diagnostics_
          .Report(kRequirement, expr.location,
                  absl::StrCat("space ", space_.name, " has no decision '", name, "'"))
          .fix = DidYouMean(name, paths);
      return std::nullopt;
    }
    return OptionValue(expr, *id);
  }

  // The number that a decision takes; undefined where it is not alive.
  std::optional<Sum> OptionValue(const ast::Expr& expr, int id) {
    const ir::Decision& decision = graph_.decisions[id];
    std::vector<Rational> values;
    int64_t denominator = 1;
    for (const std::string& option : decision.options) {
      const absl::StatusOr<Rational> value = Rational::Parse(option);
      if (decision.kind != ir::Decision::Kind::kOne || !value.ok()) {
        Fail(expr,
             absl::StrCat("decision ", decision.path, " takes no number: it may be ", option));
        return std::nullopt;
      }
      values.push_back(*value);
      // The least common multiple; a space counts in halves and quarters, not in millionths.
      denominator = std::lcm(denominator, value->denominator());
      if (denominator > kFinest) {
        Fail(expr, absl::StrCat("the options of ", decision.path, " are too fine to be compared"));
        return std::nullopt;
      }
    }
    std::vector<ir::Diagram<int64_t>> branches;
    for (const Rational& value : values) {
      const absl::StatusOr<Rational> scaled = Multiply(value, denominator);
      if (!scaled.ok()) {
        Fail(expr, std::string(scaled.status().message()));
        return std::nullopt;
      }
      branches.emplace_back(scaled->Floor());
    }
    const ir::Dim number(ir::Diagram<int64_t>::Choice({id, -1}, std::move(branches)));
    return Sum{ir::Restrict(number, decision.alive), denominator};
  }

  std::optional<Sum> CostSum(const ast::Expr& expr) {
    std::string scale;
    if (require_.scale.has_value()) {
      scale = require_.scale->text;
    } else if (space_.scales.size() > 1) {
      diagnostics_
          .Report(kRequirement, expr.location, absl::StrCat("'", expr.text, "' at which scale?"))
          .fix = absl::StrCat("require ", PrintExpr(require_.condition), " at ",
                              space_.scales.front()->name.text);
      return std::nullopt;
    }
    const ir::Graph* graph = at_scale_(scale);
    if (graph == nullptr) return std::nullopt;  // its own mistakes are reported
    const CostTerms terms = CostTermsOf(*graph, {"logits"});
    if (!terms.exact) {
      Fail(expr, absl::StrCat("which architectures need what depends on too many decisions for '",
                              expr.text, "' to be proved"));
      return std::nullopt;
    }
    const ir::Dim& value = expr.text == "weights" ? terms.weights
                           : expr.text == "macs"  ? terms.macs
                                                  : terms.activations;
    return Sum{value, 1};
  }

  // `count(skip_connect)`: in how many decisions an option of that name is taken;
  // `count(normal.skip_connect)`: in those whose path begins like that.
  std::optional<Sum> Count(const ast::Expr& expr) {
    const std::string& text = expr.args[0].expr->text;
    const size_t dot = text.rfind('.');
    const std::string prefix = dot == std::string::npos ? "" : text.substr(0, dot + 1);
    const std::string option = dot == std::string::npos ? text : text.substr(dot + 1);
    ir::DimSum sum;
    bool known = false;
    for (size_t id = 0; id < graph_.decisions.size(); ++id) {
      const ir::Decision& decision = graph_.decisions[id];
      if (!absl::StartsWith(decision.path, prefix)) continue;
      for (size_t i = 0; i < decision.options.size(); ++i) {
        if (decision.options[i] != option) continue;
        known = true;
        const auto taken =
            ir::And(decision.alive, ir::Takes(decision, static_cast<int>(id), static_cast<int>(i)));
        if (taken.ok()) sum.Add(ir::FromCondition(*taken));
      }
    }
    if (known) return Sum{sum.Take(), 1};
    Fail(*expr.args[0].expr, absl::StrCat("no decision ", prefix.empty() ? "" : "below that path ",
                                          "has an option '", option, "'"));
    return std::nullopt;
  }

  const Space& space_;
  const ast::Require& require_;
  const GraphAtScale& at_scale_;
  ir::Graph& graph_;
  Diagnostics& diagnostics_;
};

}  // namespace

void AddConstraints(const Space& space, const GraphAtScale& at_scale, ir::Graph& graph,
                    Diagnostics& diagnostics) {
  for (const ast::Require* require : space.requirements) {
    ConstraintCompiler(space, *require, at_scale, graph, diagnostics).Compile();
  }
}

}  // namespace nasc
