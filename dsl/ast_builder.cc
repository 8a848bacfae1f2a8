#include "dsl/ast_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dsl/step_labels.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kBadNumber, "bad-number", kError);
NASC_DIAGNOSTIC(kTwice, "twice", kError);

using Parser = SpaceParser;

int CodePoints(absl::string_view text) {
  int count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::string DocText(const std::vector<antlr4::Token*>& comments) {
  std::string doc;
  for (antlr4::Token* comment : comments) {
    const std::string text = comment->getText();
    if (!doc.empty()) doc += '\n';
    absl::StrAppend(&doc, absl::StripPrefix(absl::StripPrefix(text, "///"), " "));
  }
  return doc;
}

}  // namespace

AstBuilder::AstBuilder(std::shared_ptr<const SourceFile> source, antlr4::CommonTokenStream& tokens,
                       Diagnostics& diagnostics)
    : source_(std::move(source)), tokens_(tokens), diagnostics_(diagnostics) {}

Location AstBuilder::At(antlr4::Token& token) const {
  return {source_, static_cast<int>(token.getLine()),
          static_cast<int>(token.getCharPositionInLine()) + 1, CodePoints(token.getText())};
}

Location AstBuilder::At(const antlr4::ParserRuleContext& tree) const {
  auto& mutable_tree = const_cast<antlr4::ParserRuleContext&>(tree);
  antlr4::Token* first = mutable_tree.getStart();
  antlr4::Token* last = mutable_tree.getStop();
  Location location = At(*first);
  if (last != nullptr && last->getLine() == first->getLine()) {
    const int end = static_cast<int>(last->getCharPositionInLine()) + CodePoints(last->getText());
    location.length = std::max(1, end + 1 - location.column);
  }
  return location;
}

ast::Identifier AstBuilder::Name(antlr4::ParserRuleContext* tree) const {
  return {tree->getText(), At(*tree)};
}

std::string AstBuilder::Doc(const antlr4::ParserRuleContext& tree) const {
  antlr4::Token* start = const_cast<antlr4::ParserRuleContext&>(tree).getStart();
  std::vector<antlr4::Token*> comments = tokens_.getHiddenTokensToLeft(start->getTokenIndex());
  size_t first = comments.size();
  for (size_t line = start->getLine(); first > 0 && comments[first - 1]->getLine() + 1 == line;) {
    line = comments[--first]->getLine();
  }
  comments.erase(comments.begin(), comments.begin() + first);
  return DocText(comments);
}

std::string AstBuilder::DocAfter(antlr4::Token& token) const {
  std::vector<antlr4::Token*> comments = tokens_.getHiddenTokensToRight(token.getTokenIndex());
  size_t count = 0;
  for (size_t line = token.getLine();
       count < comments.size() && comments[count]->getLine() == line + 1;) {
    line = comments[count++]->getLine();
  }
  comments.resize(count);
  return DocText(comments);
}

template <typename T>
void AstBuilder::SetOnce(std::optional<T>& slot, T value, antlr4::Token& word) {
  if (slot.has_value()) {
    diagnostics_.Report(kTwice, At(word), absl::StrCat("a second '", word.getText(), "'"));
    return;
  }
  slot = std::move(value);
}

ast::Expr AstBuilder::Number(Parser::ExprContext& tree) {
  ast::Expr expr;
  expr.kind = ast::Expr::Kind::kNumber;
  expr.location = At(tree);
  const std::string text = tree.getText();
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

ast::Expr AstBuilder::Build(Parser::ExprContext* tree) {
  const std::vector<Parser::ExprContext*> operands = tree->expr();
  if (tree->NUMBER() != nullptr) return Number(*tree);
  ast::Expr expr;
  expr.location = At(*tree);
  if (tree->STRING() != nullptr) {
    const std::string text = tree->getText();
    expr.kind = ast::Expr::Kind::kString;
    expr.text = text.substr(1, text.size() - 2);
  } else if (tree->RELAXED() != nullptr) {
    expr.kind = ast::Expr::Kind::kName;
    expr.text = "relaxed";
  } else if (tree->qname() != nullptr) {
    expr.kind = tree->args() != nullptr ? ast::Expr::Kind::kCall : ast::Expr::Kind::kName;
    expr.text = tree->qname()->getText();
    expr.args = Build(tree->args());
  } else if (operands.size() == 1 && tree->children.front()->getText() == "(") {
    expr = Build(operands[0]);
  } else if (operands.size() == 1) {
    expr.kind = ast::Expr::Kind::kUnary;
    expr.text = tree->children.front()->getText();
    expr.operands.push_back(Build(operands[0]));
  } else {
    expr.kind = ast::Expr::Kind::kBinary;
    expr.text = tree->children[1]->getText();
    for (Parser::ExprContext* operand : operands) expr.operands.push_back(Build(operand));
  }
  return expr;
}

ast::Assign AstBuilder::Build(Parser::AssignContext& tree) {
  return {Name(tree.name()), tree.children[1]->getText() == "*=", Build(tree.expr())};
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

ast::Step AstBuilder::BuildWhen(Parser::WhenContext& tree) {
  ast::Step step;
  step.kind = ast::Step::Kind::kWhen;
  step.location = At(tree);
  step.condition.push_back(Build(tree.expr()));
  for (Parser::ChainContext* branch : tree.chain()) step.branches.push_back(Build(branch));
  return step;
}

ast::Step AstBuilder::BuildOneOf(antlr4::ParserRuleContext& tree, Parser::NameContext* set) {
  ast::Step step;
  step.kind = ast::Step::Kind::kOneOf;
  step.location = At(tree);
  step.callee = Name(set);
  return step;
}

ast::Step AstBuilder::Build(Parser::StepContext& tree) {
  Parser::PrimaryContext& primary = *tree.primary();
  ast::Step step;
  if (primary.when() != nullptr) {
    step = BuildWhen(*primary.when());
  } else if (primary.ONE() != nullptr) {
    step = BuildOneOf(primary, primary.name());
  } else if (primary.NONE() != nullptr) {
    step.kind = ast::Step::Kind::kNone;
    step.location = At(primary);
    step.callee = {"none", step.location};
  } else {
    step.kind = ast::Step::Kind::kCall;
    step.location = At(primary);
    step.callee = Name(primary.qname());
    step.args = Build(primary.args());
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
    chain.steps.push_back(BuildWhen(*tree.when()));
  } else if (tree.ONE() != nullptr) {
    chain.steps.push_back(BuildOneOf(tree, tree.name()));
  } else {
    for (Parser::StepContext* step : tree.step()) chain.steps.push_back(Build(*step));
  }
  return chain;
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

std::vector<ast::Param> AstBuilder::Build(Parser::ParamsContext* tree) {
  std::vector<ast::Param> params;
  if (tree == nullptr) return params;
  for (Parser::ParamContext* param : tree->param()) {
    ast::Param built{Name(param->name()), std::nullopt};
    if (param->expr() != nullptr) built.default_value = Build(param->expr());
    params.push_back(std::move(built));
  }
  return params;
}

ast::OpsDecl AstBuilder::Build(Parser::OpsDeclContext& tree) {
  ast::OpsDecl ops{Name(tree.name()), Doc(tree), {}};
  for (Parser::CandidateContext* candidate : tree.candidate()) {
    ast::Candidate built;
    built.none = candidate->NONE() != nullptr;
    built.relaxed = candidate->RELAXED() != nullptr;
    built.name = built.none ? ast::Identifier{"none", At(*candidate->NONE()->getSymbol())}
                            : Name(candidate->name());
    if (candidate->chain() != nullptr) {
      built.chain = Build(candidate->chain());
      LabelSteps({&*built.chain});
    }
    ops.candidates.push_back(std::move(built));
  }
  return ops;
}

ast::OpDecl AstBuilder::Build(Parser::OpDeclContext& tree) {
  ast::OpDecl op{Name(tree.name()), Doc(tree), Build(tree.params()), {}, {}};
  if (tree.block() == nullptr) {
    op.result = Build(tree.chain());
  } else {
    for (Parser::LetContext* let : tree.block()->let()) {
      op.lets.push_back({Name(let->name()), Build(let->chain())});
    }
    op.result = Build(tree.block()->chain());
  }
  std::vector<ast::Chain*> chains;
  for (ast::Let& let : op.lets) chains.push_back(&let.value);
  chains.push_back(&op.result);
  LabelSteps(std::move(chains));
  return op;
}

ast::NodeDecl AstBuilder::Build(Parser::NodeDeclContext& tree) {
  Parser::EdgesContext& edges = *tree.edges();
  ast::NodeDecl node{Name(tree.name()),
                     Build(tree.expr()),
                     {At(edges), Build(edges.expr()), Build(edges.chain())},
                     Build(tree.chain())};
  LabelSteps({&node.edges.operation});
  LabelSteps({&node.merge});
  return node;
}

ast::CellDecl AstBuilder::Build(Parser::CellDeclContext& tree) {
  ast::CellDecl cell;
  cell.name = Name(tree.name(0));
  cell.doc = Doc(tree);
  for (ast::Param& param : Build(tree.params())) {
    if (param.default_value.has_value()) {
      diagnostics_.Report(kBadNumber, param.default_value->location,
                          "a cell's input has no default value");
    }
    cell.inputs.push_back(param.name);
  }
  if (tree.LIKE() != nullptr) cell.like = Name(tree.name(1));
  for (Parser::CellItemContext* item : tree.cellItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->nodeDecl() != nullptr) {
      cell.nodes.push_back(Build(*item->nodeDecl()));
    } else if (item->ADAPT() != nullptr) {
      ast::Chain chain = Build(item->chain());
      LabelSteps({&chain});
      SetOnce(cell.adapt, std::move(chain), word);
    } else if (item->OUTPUT() != nullptr) {
      SetOnce(cell.output, Build(item->chain()), word);
    } else {
      SetOnce(cell.stride, Build(item->expr()), word);
    }
  }
  return cell;
}

ast::NetworkDecl AstBuilder::Build(Parser::NetworkDeclContext& tree) {
  ast::NetworkDecl network;
  network.location = At(*tree.NETWORK()->getSymbol());
  for (Parser::NetworkItemContext* item : tree.networkItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->INPUT() != nullptr) {
      ast::Input input{Name(item->qname()), Build(item->args()), std::nullopt};
      if (item->CLASSES() != nullptr) input.classes = Build(item->expr());
      SetOnce(network.input, std::move(input), word);
    } else if (item->STACK() != nullptr) {
      ast::Stack stack{At(word), Build(item->expr()), {}};
      for (Parser::StackRuleContext* rule : item->stackRule()) {
        ast::StackRule built{At(*rule->getStart()), {}, Build(rule->chain())};
        for (Parser::ExprContext* at : rule->expr()) built.at.push_back(Build(at));
        stack.rules.push_back(std::move(built));
      }
      SetOnce(network.stack, std::move(stack), word);
    } else {
      ast::Chain chain = Build(item->chain());
      LabelSteps({&chain});
      if (item->STEM() != nullptr) {
        SetOnce(network.stem, std::move(chain), word);
      } else if (item->HEAD() != nullptr) {
        SetOnce(network.head, std::move(chain), word);
      } else {
        SetOnce(network.auxiliary, ast::Auxiliary{At(word), Build(item->expr()), std::move(chain)},
                word);
      }
    }
  }
  return network;
}

ast::SearchDecl AstBuilder::Build(Parser::SearchDeclContext& tree) {
  ast::SearchDecl search;
  search.name = Name(tree.name());
  search.doc = Doc(tree);
  for (Parser::SearchItemContext* item : tree.searchItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->SPACE() != nullptr) {
      SetOnce(search.space, Name(item->name(0)), word);
      if (item->AT() != nullptr) search.scale = Name(item->name(1));
    } else if (item->DATA() != nullptr) {
      SetOnce(search.data, Build(item->call()), word);
    } else if (item->STRATEGY() != nullptr) {
      SetOnce(search.strategy, Build(item->call()), word);
    } else if (item->TRAIN() != nullptr) {
      SetOnce(search.train, Build(item->call()), word);
    } else if (item->BUDGET() != nullptr) {
      for (Parser::AmountContext* amount : item->amount()) {
        search.budget.push_back({Name(amount->name()), Build(amount->expr())});
      }
    } else if (item->OBJECTIVE() != nullptr) {
      SetOnce(search.objective, Build(item->expr()), word);
      search.direction = ast::Identifier{item->children[1]->getText(), At(word)};
    } else if (item->FINAL() != nullptr) {
      SetOnce(search.final_location, At(word), word);
      if (item->AT() != nullptr) search.final_scale = Name(item->name(0));
      search.final_config = Build(item->config());
    } else if (item->BASELINE() != nullptr) {
      SetOnce(search.baseline, Build(item->call()), word);
    } else {
      SetOnce(search.seed, Build(item->expr()), word);
    }
  }
  return search;
}

void AstBuilder::Add(Parser::ItemContext& tree, ast::File& file) {
  if (tree.importDecl() != nullptr) {
    Parser::ImportDeclContext& import = *tree.importDecl();
    const bool is_path = import.STRING() != nullptr;
    std::string target = is_path ? import.STRING()->getText() : import.qname()->getText();
    if (is_path) target = target.substr(1, target.size() - 2);
    file.imports.push_back({At(import), std::move(target), is_path});
  } else if (tree.opsDecl() != nullptr) {
    file.ops.push_back(Build(*tree.opsDecl()));
  } else if (tree.opDecl() != nullptr) {
    file.operations.push_back(Build(*tree.opDecl()));
  } else if (tree.cellDecl() != nullptr) {
    file.cells.push_back(Build(*tree.cellDecl()));
  } else if (tree.networkDecl() != nullptr) {
    file.networks.push_back(Build(*tree.networkDecl()));
  } else if (tree.scaleDecl() != nullptr) {
    Parser::ScaleDeclContext& scale = *tree.scaleDecl();
    ast::ScaleDecl built{Name(scale.name()), Doc(scale), {}};
    for (Parser::AssignContext* assign : scale.assign()) built.assigns.push_back(Build(*assign));
    file.scales.push_back(std::move(built));
  } else {
    file.searches.push_back(Build(*tree.searchDecl()));
  }
}

ast::File AstBuilder::Build(Parser::FileContext& tree) {
  ast::File file;
  file.source = source_;
  if (tree.header() != nullptr) {
    Parser::HeaderContext& header = *tree.header();
    file.header =
        ast::Header{header.LIBRARY() != nullptr, Name(header.qname()), header.VERSION()->getText(),
                    DocAfter(*header.VERSION()->getSymbol())};
  }
  for (Parser::ItemContext* item : tree.item()) Add(*item, file);
  return file;
}

ast::ArchitectureFile AstBuilder::Build(Parser::ArchitectureFileContext& tree) {
  ast::ArchitectureFile file;
  file.source = source_;
  file.space = Name(tree.qname());
  file.version = tree.VERSION()->getText();
  for (Parser::ChoiceContext* choice : tree.choice()) {
    ast::Choice built{Name(choice->path()), {}};
    for (Parser::AnyNameContext* pick : choice->anyName()) built.picks.push_back(Name(pick));
    file.choices.push_back(std::move(built));
  }
  return file;
}

}  // namespace nasc
