#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dsl/ast_builder.h"
#include "dsl/step_labels.h"

// Expressions and chains.
namespace nasc {
namespace {

NASC_DIAGNOSTIC(kBadNumber, "bad-number", kError);
NASC_DIAGNOSTIC(kMisplacedWord, "misplaced", kError);

using Parser = SpaceParser;

// The token that a child is; nullptr where it is a rule.
antlr4::Token* TokenOf(antlr4::tree::ParseTree* child) {
  auto* terminal = dynamic_cast<antlr4::tree::TerminalNode*>(child);
  return terminal == nullptr ? nullptr : terminal->getSymbol();
}

}  // namespace

ast::Expr AstBuilder::Number(antlr4::Token& token) {
  ast::Expr expr;
  expr.kind = ast::Expr::Kind::kNumber;
  expr.location = At(token);
  const std::string text = token.getText();
  absl::string_view digits = text;
  Rational unit = 1;
  if (absl::ConsumeSuffix(&digits, "%")) {
    unit = *Rational::Make(1, 100);
  } else if (absl::ConsumeSuffix(&digits, "ms")) {
    unit = *Rational::Make(1, 1000);
  } else {
    absl::ConsumeSuffix(&digits, "s");
  }
  absl::StatusOr<Rational> number = Rational::Parse(digits);
  if (number.ok()) number = Multiply(*number, unit);
  if (number.ok()) {
    expr.number = *number;
  } else {
    diagnostics_.Report(kBadNumber, expr.location, std::string(number.status().message()));
  }
  return expr;
}

ast::Expr AstBuilder::BuildAtom(antlr4::Token& token) {
  if (token.getType() == Parser::NUMBER) return Number(token);
  ast::Expr expr;
  expr.location = At(token);
  expr.text = token.getText();
  if (token.getType() == Parser::STRING) {
    expr.kind = ast::Expr::Kind::kString;
    expr.text = Unquoted(token);
  } else {
    expr.kind = ast::Expr::Kind::kName;  // relaxed, none
  }
  return expr;
}

ast::Expr AstBuilder::Build(Parser::ExprContext* tree) {
  antlr4::Token* first = TokenOf(tree->children.front());
  const size_t parts = tree->children.size();
  if (parts == 1 && first != nullptr) return BuildAtom(*first);
  if (parts == 3 && first != nullptr) return Build(tree->expr(0));  // in brackets
  ast::Expr expr;
  expr.location = At(*tree);
  if (tree->qname() != nullptr) {
    expr.kind = tree->args() != nullptr ? ast::Expr::Kind::kCall : ast::Expr::Kind::kName;
    expr.text = Name(tree->qname()).text;
    expr.args = Build(tree->args());
    return expr;
  }
  antlr4::Token& word = first != nullptr ? *first : *TokenOf(tree->children[1]);
  expr.kind = first != nullptr ? ast::Expr::Kind::kUnary : ast::Expr::Kind::kBinary;
  expr.text = word.getText();
  expr.operands = Build(tree->expr());
  return expr;
}

std::vector<ast::Expr> AstBuilder::Build(const std::vector<Parser::ExprContext*>& trees) {
  std::vector<ast::Expr> exprs;
  exprs.reserve(trees.size());
  for (Parser::ExprContext* tree : trees) exprs.push_back(Build(tree));
  return exprs;
}

ast::Assign AstBuilder::Build(Parser::AssignContext& tree) {
  return {Name(tree.name()), TokenOf(tree.children[1])->getText() == "*=", Build(tree.expr())};
}

std::vector<ast::Arg> AstBuilder::Build(Parser::ArgsContext* tree) {
  std::vector<ast::Arg> args;
  if (tree == nullptr) return args;
  for (Parser::ArgContext* arg : tree->arg()) {
    ast::Arg built;
    if (arg->name() != nullptr) built.name = Name(arg->name());
    if (arg->chainArg() != nullptr) {
      built.chain = Build(*arg->chainArg());
    } else {
      built.expr = Build(arg->expr());
    }
    args.push_back(std::move(built));
  }
  return args;
}

ast::Step AstBuilder::Build(Parser::WhenContext& tree) {
  ast::Step step;
  step.kind = ast::Step::Kind::kWhen;
  step.location = At(tree);
  step.condition.push_back(Build(tree.expr()));
  for (Parser::ChainContext* branch : tree.chain()) step.branches.push_back(Build(branch));
  return step;
}

ast::Step AstBuilder::Build(Parser::RepeatContext& tree) {
  ast::Step step;
  step.kind = ast::Step::Kind::kRepeat;
  step.location = At(tree);
  step.condition.push_back(Build(tree.expr()));
  step.branches.push_back(Build(tree.chain()));
  return step;
}

ast::Step AstBuilder::Build(Parser::OneOfContext& tree) {
  ast::Step step;
  step.kind = ast::Step::Kind::kOneOf;
  step.location = At(tree);
  step.callee.location = step.location;
  if (tree.name() != nullptr) step.callee = Name(tree.name());
  step.args = Build(tree.args());
  antlr4::Token* last = TokenOf(tree.children.back());
  step.inline_set = last != nullptr && last->getText() == "}";
  step.candidates = Build(tree.candidate());
  return step;
}

ast::Step AstBuilder::Build(Parser::StepContext& tree) {
  Parser::PrimaryContext& primary = *tree.primary();
  ast::Step step;
  if (primary.when() != nullptr) {
    step = Build(*primary.when());
  } else if (primary.repeat() != nullptr) {
    step = Build(*primary.repeat());
  } else if (primary.oneOf() != nullptr) {
    step = Build(*primary.oneOf());
  } else {
    step.location = At(primary);
    if (primary.NONE() != nullptr) {
      step.kind = ast::Step::Kind::kNone;
      step.callee = {"none", step.location};
    } else {
      step.callee = Name(primary.qname());
      step.args = Build(primary.args());
    }
  }
  for (Parser::AssignContext* assign : tree.assign()) step.with.push_back(Build(*assign));
  return step;
}

ast::Chain AstBuilder::Build(Parser::ChainContext* tree) {
  ast::Chain chain;
  chain.location = At(*tree);
  for (Parser::StepContext* step : tree->step()) chain.steps.push_back(Build(*step));
  return chain;
}

ast::Chain AstBuilder::Build(Parser::ChainArgContext& tree) {
  ast::Chain chain;
  chain.location = At(tree);
  if (tree.when() != nullptr) {
    chain.steps.push_back(Build(*tree.when()));
  } else if (tree.repeat() != nullptr) {
    chain.steps.push_back(Build(*tree.repeat()));
  } else if (tree.oneOf() != nullptr) {
    chain.steps.push_back(Build(*tree.oneOf()));
  } else {
    for (Parser::StepContext* step : tree.step()) chain.steps.push_back(Build(*step));
  }
  return chain;
}

std::optional<ast::Chain> AstBuilder::BuildLabelled(Parser::ChainContext* tree) {
  if (tree == nullptr) return std::nullopt;
  ast::Chain chain = Build(tree);
  LabelSteps({&chain});
  return chain;
}

std::vector<ast::Candidate> AstBuilder::Build(const std::vector<Parser::CandidateContext*>& trees) {
  std::vector<ast::Candidate> candidates;
  candidates.reserve(trees.size());
  for (Parser::CandidateContext* tree : trees) {
    ast::Candidate candidate;
    candidate.none = tree->NONE() != nullptr;
    candidate.relaxed = tree->RELAXED() != nullptr;
    candidate.name = candidate.none ? ast::Identifier{"none", At(*tree->NONE()->getSymbol())}
                                    : Name(tree->name());
    candidate.chain = BuildLabelled(tree->chain());
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::vector<ast::Param> AstBuilder::Build(Parser::ParamsContext* tree) {
  std::vector<ast::Param> params;
  if (tree == nullptr) return params;
  for (Parser::ParamContext* param : tree->param()) {
    if (param->EACH() != nullptr) {
      diagnostics_.Report(kMisplacedWord, At(*param->EACH()->getSymbol()),
                          "`each` stands before the input of a cell, nowhere else");
    }
    ast::Param built{Name(param->name()), std::nullopt};
    if (param->expr() != nullptr) built.default_value = Build(param->expr());
    params.push_back(std::move(built));
  }
  return params;
}

ast::Choose AstBuilder::Build(Parser::ChooseContext& tree) {
  Parser::DomainContext& domain = *tree.domain();
  return {Name(tree.name()), TokenOf(domain.children.front()) == nullptr, Build(domain.expr())};
}

std::vector<ast::Assign> AstBuilder::Build(Parser::ConfigContext* tree) {
  std::vector<ast::Assign> assigns;
  if (tree == nullptr) return assigns;
  for (Parser::AssignContext* assign : tree->assign()) assigns.push_back(Build(*assign));
  return assigns;
}

ast::Call AstBuilder::Build(Parser::CallContext* tree) {
  return {Name(tree->name()), Build(tree->config())};
}

}  // namespace nasc
