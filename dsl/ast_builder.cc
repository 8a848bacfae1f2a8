#include "dsl/ast_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dsl/step_labels.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kTwice, "twice", kError);
NASC_DIAGNOSTIC(kDefaultOfInput, "bad-number", kError);

using Parser = SpaceParser;

// In code points, as columns are.
int Length(antlr4::Token& token) {
  return token.getType() == antlr4::Token::EOF
             ? 1
             : static_cast<int>(token.getStopIndex() - token.getStartIndex() + 1);
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

bool IsDoc(antlr4::Token* token) { return token->getType() == Parser::DOC; }

}  // namespace

AstBuilder::AstBuilder(std::shared_ptr<const SourceFile> source, antlr4::CommonTokenStream& tokens,
                       Diagnostics& diagnostics)
    : source_(std::move(source)), tokens_(tokens), diagnostics_(diagnostics) {}

Location AstBuilder::At(antlr4::Token& token) const {
  return {source_, static_cast<int>(token.getLine()),
          static_cast<int>(token.getCharPositionInLine()) + 1, Length(token)};
}

Location AstBuilder::At(antlr4::ParserRuleContext& tree) const {
  antlr4::Token* first = tree.getStart();
  antlr4::Token* last = tree.getStop();
  Location location = At(*first);
  if (last != nullptr && last->getLine() == first->getLine()) {
    const int end = static_cast<int>(last->getCharPositionInLine()) + Length(*last);
    location.length = std::max(1, end + 1 - location.column);
  }
  return location;
}

std::string AstBuilder::Unquoted(antlr4::Token& string) {
  const std::string text = string.getText();
  return text.substr(1, text.size() - 2);
}

ast::Identifier AstBuilder::Name(antlr4::ParserRuleContext* tree) const {
  const bool one = tree->getStart() == tree->getStop();
  return {one ? tree->getStart()->getText() : tree->getText(), At(*tree)};
}

std::string AstBuilder::Doc(antlr4::ParserRuleContext& tree) const {
  antlr4::Token* start = tree.getStart();
  std::vector<antlr4::Token*> comments = tokens_.getHiddenTokensToLeft(start->getTokenIndex());
  size_t first = comments.size();
  size_t line = start->getLine();
  while (first > 0 && IsDoc(comments[first - 1]) && comments[first - 1]->getLine() + 1 == line) {
    line = comments[--first]->getLine();
  }
  comments.erase(comments.begin(), comments.begin() + first);
  return DocText(comments);
}

std::string AstBuilder::DocAfter(antlr4::Token& token) const {
  std::vector<antlr4::Token*> comments;
  size_t line = token.getLine();
  for (antlr4::Token* comment : tokens_.getHiddenTokensToRight(token.getTokenIndex())) {
    if (comment->getLine() == token.getLine()) continue;
    if (!IsDoc(comment) || comment->getLine() != ++line) break;
    comments.push_back(comment);
  }
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

// --- operations ---

ast::OpsDecl AstBuilder::Build(Parser::OpsDeclContext& tree) {
  return {Name(tree.name()), Doc(tree), Build(tree.params()), Build(tree.candidate())};
}

ast::OpDecl AstBuilder::Build(Parser::OpDeclContext& tree) {
  ast::OpDecl op{Name(tree.name()), Doc(tree), Build(tree.params()), {}, {}, {}};
  if (tree.block() == nullptr) {
    op.result = Build(tree.chain());
  } else {
    for (Parser::ChooseContext* choose : tree.block()->choose()) {
      op.chooses.push_back(Build(*choose));
    }
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

// --- cells ---

ast::Source AstBuilder::Build(Parser::SourceContext& tree) {
  ast::Source source;
  source.location = At(tree);
  source.kind = tree.EARLIER() != nullptr           ? ast::Source::Kind::kEarlier
                : tree.BEFORE_PREVIOUS() != nullptr ? ast::Source::Kind::kBeforePrevious
                                                    : ast::Source::Kind::kList;
  for (Parser::NameContext* name : tree.name()) source.names.push_back(Name(name));
  return source;
}

ast::Edges AstBuilder::Build(Parser::EdgesContext& tree) {
  ast::Edges edges;
  edges.location = At(tree);
  edges.previous = tree.PREVIOUS() != nullptr;
  edges.operation = BuildLabelled(tree.chain());
  if (tree.someEdges() == nullptr) return edges;
  Parser::SomeEdgesContext& some = *tree.someEdges();
  edges.take = some.ALL() != nullptr   ? ast::Edges::Take::kAll
               : some.ANY() != nullptr ? ast::Edges::Take::kAny
                                       : ast::Edges::Take::kSome;
  const std::vector<Parser::ExprContext*> bounds = some.expr();
  if (!bounds.empty()) edges.least = Build(bounds[0]);
  if (bounds.size() > 1) edges.most = Build(bounds[1]);
  edges.source = Build(*some.source());
  if (some.name() != nullptr) edges.otherwise = Name(some.name());
  return edges;
}

ast::Slots AstBuilder::Build(Parser::SlotsContext& tree) {
  ast::Slots slots{At(tree), Build(tree.expr()), Build(*tree.source()), {}, std::nullopt};
  for (Parser::NameContext* name : tree.name()) slots.names.push_back(Name(name));
  slots.operation = BuildLabelled(tree.chain());
  return slots;
}

ast::NodeDecl AstBuilder::Build(Parser::NodeDeclContext& tree) {
  ast::NodeDecl node;
  node.name = Name(tree.name());
  const std::vector<Parser::ExprContext*> counts = tree.expr();
  if (!counts.empty()) node.count = Build(counts[0]);
  if (counts.size() > 1) node.most = Build(counts[1]);
  for (Parser::ChooseContext* choose : tree.choose()) node.chooses.push_back(Build(*choose));
  if (tree.edges() != nullptr) node.edges = Build(*tree.edges());
  if (tree.slots() != nullptr) node.slots = Build(*tree.slots());
  if (tree.MERGE() != nullptr) node.merge = BuildLabelled(tree.chain().front());
  if (tree.THEN() != nullptr) node.then = BuildLabelled(tree.chain().back());
  return node;
}

std::vector<ast::CellInput> AstBuilder::BuildInputs(Parser::ParamsContext* tree) {
  std::vector<ast::CellInput> inputs;
  if (tree == nullptr) return inputs;
  for (Parser::ParamContext* param : tree->param()) {
    if (param->expr() != nullptr) {
      diagnostics_.Report(kDefaultOfInput, At(*param->expr()),
                          "a cell's input has no default value");
    }
    inputs.push_back({Name(param->name()), param->EACH() != nullptr});
  }
  return inputs;
}

ast::CellDecl AstBuilder::Build(Parser::CellDeclContext& tree) {
  ast::CellDecl cell;
  cell.name = Name(tree.name(0));
  cell.doc = Doc(tree);
  cell.inputs = BuildInputs(tree.params());
  if (tree.LIKE() != nullptr) cell.like = Name(tree.name(1));
  for (Parser::CellItemContext* item : tree.cellItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->nodeDecl() != nullptr) {
      cell.nodes.push_back(Build(*item->nodeDecl()));
    } else if (item->choose() != nullptr) {
      cell.chooses.push_back(Build(*item->choose()));
    } else if (item->ADAPT() != nullptr) {
      SetOnce(cell.adapt, *BuildLabelled(item->chain()), word);
    } else if (item->OUTPUT() != nullptr) {
      SetOnce(cell.output, *BuildLabelled(item->chain()), word);
    } else {
      SetOnce(cell.stride, Build(item->expr()), word);
    }
  }
  return cell;
}

// --- networks and scales ---

ast::Input AstBuilder::Build(Parser::InputContext& tree) {
  ast::Input input{Name(tree.qname()), Build(tree.args()), std::nullopt, std::nullopt};
  if (tree.CLASSES() != nullptr) input.classes = Build(tree.expr());
  if (tree.REGRESSION() != nullptr) input.regression = Build(tree.expr());
  return input;
}

ast::Auxiliary AstBuilder::Build(Parser::AuxiliaryContext& tree) {
  return {At(*tree.getStart()), Build(tree.expr()), *BuildLabelled(tree.chain())};
}

ast::Stack AstBuilder::BuildStack(Parser::NetworkItemContext& tree) {
  ast::Stack stack{At(*tree.getStart()), Build(tree.expr()), {}};
  for (Parser::StackRuleContext* rule : tree.stackRule()) {
    stack.rules.push_back({At(*rule->getStart()), Build(rule->expr()), Build(rule->chain())});
  }
  return stack;
}

ast::NetworkDecl AstBuilder::Build(Parser::NetworkDeclContext& tree) {
  ast::NetworkDecl network;
  network.location = At(*tree.NETWORK()->getSymbol());
  for (Parser::NetworkItemContext* item : tree.networkItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->choose() != nullptr) {
      network.chooses.push_back(Build(*item->choose()));
    } else if (item->input() != nullptr) {
      SetOnce(network.input, Build(*item->input()), word);
    } else if (item->auxiliary() != nullptr) {
      SetOnce(network.auxiliary, Build(*item->auxiliary()), word);
    } else if (item->STACK() != nullptr) {
      SetOnce(network.stack, BuildStack(*item), word);
    } else if (item->STEM() != nullptr) {
      SetOnce(network.stem, *BuildLabelled(item->chain()), word);
    } else if (item->BODY() != nullptr) {
      SetOnce(network.body, *BuildLabelled(item->chain()), word);
    } else {
      SetOnce(network.head, *BuildLabelled(item->chain()), word);
    }
  }
  return network;
}

ast::ScaleDecl AstBuilder::Build(Parser::ScaleDeclContext& tree) {
  ast::ScaleDecl scale;
  scale.name = Name(tree.name());
  scale.doc = Doc(tree);
  for (Parser::ScaleItemContext* item : tree.scaleItem()) {
    antlr4::Token& word = *item->getStart();
    if (item->assign() != nullptr) {
      scale.assigns.push_back(Build(*item->assign()));
    } else if (item->input() != nullptr) {
      SetOnce(scale.input, Build(*item->input()), word);
    } else if (item->auxiliary() != nullptr) {
      SetOnce(scale.auxiliary, Build(*item->auxiliary()), word);
    } else if (item->STEM() != nullptr) {
      SetOnce(scale.stem, *BuildLabelled(item->chain()), word);
    } else {
      SetOnce(scale.head, *BuildLabelled(item->chain()), word);
    }
  }
  return scale;
}

ast::Require AstBuilder::Build(Parser::RequireDeclContext& tree) {
  ast::Require require{At(*tree.getStart()), Build(tree.expr()), std::nullopt};
  if (tree.name() != nullptr) require.scale = Name(tree.name());
  return require;
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
    } else if (item->SCHEDULE() != nullptr) {
      SetOnce(search.schedule, Build(item->call()), word);
    } else if (item->FIDELITY() != nullptr) {
      search.fidelities.push_back({At(word), Build(item->expr()), Build(item->config())});
    } else if (item->EVALUATE() != nullptr) {
      SetOnce(search.evaluate, Build(item->call()), word);
    } else if (item->LATENCY() != nullptr) {
      SetOnce(search.latency_location, At(word), word);
      search.latency = Build(item->config());
    } else if (item->TRAIN() != nullptr) {
      SetOnce(search.train, Build(item->call()), word);
    } else if (item->BUDGET() != nullptr) {
      for (Parser::AmountContext* amount : item->amount()) {
        search.budget.push_back({Name(amount->unit()), Build(amount->expr())});
      }
    } else if (item->OBJECTIVE() != nullptr) {
      search.objectives.push_back(
          {ast::Identifier{item->children[1]->getText(), At(word)}, Build(item->expr())});
    } else if (item->FINAL() != nullptr) {
      SetOnce(search.final_location, At(word), word);
      if (item->AT() != nullptr) search.final_scale = Name(item->name(0));
      search.final_config = Build(item->config());
    } else if (item->BASELINE() != nullptr) {
      SetOnce(search.baseline, Build(item->call()), word);
    } else if (item->REQUIRE() != nullptr) {
      SetOnce(search.require, Build(item->expr()), word);
    } else {
      SetOnce(search.seed, Build(item->expr()), word);
    }
  }
  return search;
}

// --- files ---

ast::Import AstBuilder::Build(Parser::ImportDeclContext& tree) {
  if (tree.STRING() != nullptr) return {At(tree), Unquoted(*tree.STRING()->getSymbol()), true};
  return {At(tree), tree.qname()->getText(), false};
}

void AstBuilder::Add(Parser::ItemContext& tree, ast::File& file) {
  antlr4::tree::ParseTree* item = tree.children.front();
  if (auto* import = dynamic_cast<Parser::ImportDeclContext*>(item)) {
    file.imports.push_back(Build(*import));
  } else if (auto* ops = dynamic_cast<Parser::OpsDeclContext*>(item)) {
    file.ops.push_back(Build(*ops));
  } else if (auto* op = dynamic_cast<Parser::OpDeclContext*>(item)) {
    file.operations.push_back(Build(*op));
  } else if (auto* cell = dynamic_cast<Parser::CellDeclContext*>(item)) {
    file.cells.push_back(Build(*cell));
  } else if (auto* network = dynamic_cast<Parser::NetworkDeclContext*>(item)) {
    file.networks.push_back(Build(*network));
  } else if (auto* scale = dynamic_cast<Parser::ScaleDeclContext*>(item)) {
    file.scales.push_back(Build(*scale));
  } else if (auto* require = dynamic_cast<Parser::RequireDeclContext*>(item)) {
    file.requirements.push_back(Build(*require));
  } else if (auto* renamed = dynamic_cast<Parser::RenamedDeclContext*>(item)) {
    file.renamed.push_back(
        {At(*renamed->getStart()), Name(renamed->path(0)), Name(renamed->path(1))});
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
  if (tree.STRING() != nullptr) file.identity = Unquoted(*tree.STRING()->getSymbol());
  for (Parser::ChoiceContext* choice : tree.choice()) {
    ast::Choice built{Name(choice->path()), {}};
    for (Parser::OptionContext* pick : choice->option()) built.picks.push_back(Name(pick));
    file.choices.push_back(std::move(built));
  }
  return file;
}

Setting AstBuilder::Build(Parser::SettingFileContext& tree) {
  return {Name(tree.path()), Build(tree.expr())};
}

}  // namespace nasc
