#include "strategies/evaluate/objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/ast_printer.h"
#include "dsl/diagnostics.h"

namespace nasc {

absl::StatusOr<Objective> Objective::Read(const ast::Expr& expr, bool maximize, Location* place) {
  Objective objective;
  objective.sign_ = maximize ? 1 : -1;
  objective.text_ = absl::StrCat(maximize ? "maximize " : "minimize ", PrintExpr(expr));
  absl::StatusOr<int> root = objective.Add(expr, place);
  if (!root.ok()) return root.status();
  objective.root_ = *root;
  return objective;
}

Objective Objective::Maximize(std::string measure) {
  Objective objective;
  objective.text_ = absl::StrCat("maximize ", measure);
  Node node;
  node.kind = Kind::kMeasure;
  node.name = std::move(measure);
  objective.nodes_ = {node};
  return objective;
}

absl::StatusOr<int> Objective::Add(const ast::Expr& expr, Location* place) {
  *place = expr.location;
  Node node;
  switch (expr.kind) {
    case ast::Expr::Kind::kNumber:
      node.number = expr.number.ToDouble();
      break;
    case ast::Expr::Kind::kName:
      node.kind = Kind::kMeasure;
      node.name = expr.text;
      break;
    case ast::Expr::Kind::kCall:
      return AddCall(expr, place);
    case ast::Expr::Kind::kUnary:
    case ast::Expr::Kind::kBinary: {
      static constexpr std::pair<const char*, Kind> kOperators[] = {{"+", Kind::kAdd},
                                                                    {"-", Kind::kSubtract},
                                                                    {"*", Kind::kMultiply},
                                                                    {"/", Kind::kDivide},
                                                                    {"^", Kind::kPower}};
      const auto* const found =
          absl::c_find_if(kOperators, [&](const auto& known) { return expr.text == known.first; });
      const bool unary = expr.kind == ast::Expr::Kind::kUnary;
      if (found == std::end(kOperators) || (unary && found->second != Kind::kSubtract)) {
        return absl::InvalidArgumentError(
            absl::StrCat("an objective is a number; '", expr.text, "' gives none"));
      }
      node.kind = unary ? Kind::kNegate : found->second;
      absl::StatusOr<int> left = Add(expr.operands[0], place);
      if (!left.ok()) return left;
      node.left = *left;
      if (!unary) {
        absl::StatusOr<int> right = Add(expr.operands[1], place);
        if (!right.ok()) return right;
        node.right = *right;
      }
      break;
    }
    case ast::Expr::Kind::kString:
      return absl::InvalidArgumentError("an objective is a number, not a text");
  }
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

absl::StatusOr<int> Objective::AddCall(const ast::Expr& expr, Location* place) {
  struct Function {
    const char* name;
    Kind kind;
    size_t arguments;
  };
  static constexpr Function kFunctions[] = {{"exp", Kind::kExp, 1},
                                            {"log", Kind::kLog, 1},
                                            {"min", Kind::kMin, 2},
                                            {"max", Kind::kMax, 2}};
  const auto* const found =
      absl::c_find_if(kFunctions, [&](const Function& known) { return expr.text == known.name; });
  if (found == std::end(kFunctions)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown function '", expr.text, "'; an objective knows exp, log, min, max"));
  }
  std::vector<const ast::Expr*> arguments;
  for (const ast::Arg& arg : expr.args) {
    if (arg.expr.has_value()) arguments.push_back(&*arg.expr);
  }
  if (arguments.size() != found->arguments || expr.args.size() != found->arguments) {
    return absl::InvalidArgumentError(
        absl::StrCat(expr.text, " takes ", found->arguments,
                     found->arguments == 1 ? " expression" : " expressions"));
  }
  Node node;
  node.kind = found->kind;
  absl::StatusOr<int> left = Add(*arguments[0], place);
  if (!left.ok()) return left;
  node.left = *left;
  if (arguments.size() > 1) {
    absl::StatusOr<int> right = Add(*arguments[1], place);
    if (!right.ok()) return right;
    node.right = *right;
  }
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

std::vector<std::string> Objective::Names() const {
  std::vector<std::string> names;
  for (const Node& node : nodes_) {
    if (node.kind == Kind::kMeasure && !absl::c_linear_search(names, node.name)) {
      names.push_back(node.name);
    }
  }
  return names;
}

absl::StatusOr<Objective> Objective::Bind(const std::vector<std::string>& measures) const {
  Objective bound = *this;
  for (Node& node : bound.nodes_) {
    if (node.kind != Kind::kMeasure) continue;
    const auto found = absl::c_find(measures, node.name);
    if (found == measures.end()) {
      const std::string near = DidYouMean(node.name, measures);
      return absl::InvalidArgumentError(absl::StrCat(
          "objective `", text_, "`: nothing measures '", node.name, "'; ",
          near.empty() ? absl::StrCat("there is ", absl::StrJoin(measures, ", ")) : near));
    }
    node.measure = found - measures.begin();
  }
  return bound;
}

double Objective::Value(int index, absl::Span<const double> values) const {
  const Node& node = nodes_[index];
  const auto left = [&] { return Value(node.left, values); };
  const auto right = [&] { return Value(node.right, values); };
  switch (node.kind) {
    case Kind::kNumber:
      return node.number;
    case Kind::kMeasure:
      return values[node.measure];
    case Kind::kAdd:
      return left() + right();
    case Kind::kSubtract:
      return left() - right();
    case Kind::kMultiply:
      return left() * right();
    case Kind::kDivide:
      return left() / right();
    case Kind::kPower:
      return std::pow(left(), right());
    case Kind::kNegate:
      return -left();
    case Kind::kExp:
      return std::exp(left());
    case Kind::kLog:
      return std::log(left());
    case Kind::kMin:
      return std::min(left(), right());
    case Kind::kMax:
      return std::max(left(), right());
  }
  return 0;
}

}  // namespace nasc
