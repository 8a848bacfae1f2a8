#include "dsl/format_pieces.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "dsl/parse_boundary.h"

namespace nasc::format {
namespace {

using antlr4::ParserRuleContext;
using antlr4::Token;
using antlr4::tree::ParseTree;

bool IsComment(const Token& token) { return token.getChannel() != Token::DEFAULT_CHANNEL; }

std::string TextOf(Token& token) {
  std::string text = token.getText();
  if (IsComment(token)) text.erase(absl::StripTrailingAsciiWhitespace(text).size());
  return text;
}

size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; });
}

Token* TokenOf(ParseTree* tree) {
  auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(tree);
  return leaf == nullptr ? nullptr : leaf->getSymbol();
}

ParserRuleContext* ContextOf(ParseTree* tree) { return dynamic_cast<ParserRuleContext*>(tree); }

// The word or sign that a leaf of the tree is; "" for a larger tree.
std::string Word(ParseTree* tree) {
  Token* token = TokenOf(tree);
  return token == nullptr ? "" : token->getText();
}

size_t First(ParseTree* tree) {
  Token* token = TokenOf(tree);
  return (token != nullptr ? token : ContextOf(tree)->getStart())->getTokenIndex();
}

size_t Last(ParseTree* tree) {
  Token* token = TokenOf(tree);
  return (token != nullptr ? token : ContextOf(tree)->getStop())->getTokenIndex();
}

// Whether the tree is a number, or one behind a minus: 1/3 is written without blanks.
bool IsNumber(ParseTree* tree) {
  ParserRuleContext* context = ContextOf(tree);
  if (context == nullptr) return false;
  if (context->children.size() == 2 && Word(context->children[0]) == "-") {
    return IsNumber(context->children[1]);
  }
  return context->children.size() == 1 && TokenOf(context->children[0]) != nullptr &&
         TokenOf(context->children[0])->getType() == SpaceParser::NUMBER;
}

// How the items of brackets are laid out.
struct Brackets {
  const char* close;
  Group::Kind kind;
  Break items;  // kItem: one a line; kFill: as many a line as fit
  int inside;   // spaces behind the opening bracket and before the closing one
  int between;  // spaces between items
};

constexpr Brackets kBlock = {"}", Group::Kind::kBlock, Break::kItem, 1, 2};
constexpr Brackets kDomain = {"}", Group::Kind::kList, Break::kFill, 1, 1};
constexpr Brackets kArguments = {")", Group::Kind::kList, Break::kItem, 0, 1};
constexpr Brackets kNames = {")", Group::Kind::kList, Break::kFill, 0, 1};
constexpr Brackets kSources = {"]", Group::Kind::kList, Break::kFill, 0, 1};

// The layout of the brackets that a word of a construct opens; nothing where they do not break.
const Brackets* BracketsOf(size_t rule, const std::string& word) {
  if (word == "{") return rule == SpaceParser::RuleDomain ? &kDomain : &kBlock;
  if (word == "(" && rule == SpaceParser::RuleArgs) return &kArguments;
  if (word == "(" && (rule == SpaceParser::RuleParams || rule == SpaceParser::RuleSlots)) {
    return &kNames;
  }
  if (word == "[" && rule == SpaceParser::RuleSource) return &kSources;
  return nullptr;
}

// Goes through the tree and says what may break where.
class Reader {
 public:
  explicit Reader(antlr4::CommonTokenStream& tokens) {
    int line = 0;
    const Piece* before = nullptr;
    result_.pieces.reserve(tokens.size());
    for (Token* token : tokens.getTokens()) {
      if (token->getType() == Token::EOF) break;
      Piece piece;
      piece.text = TextOf(*token);
      piece.comment = IsComment(*token);
      piece.width = piece.comment ? 0 : Width(piece.text);
      piece.lines_before = static_cast<int>(token->getLine()) - line;
      piece.own_line = piece.comment && piece.lines_before > 0;
      piece.spaces = piece.comment ? 2 : SpacesBetween(before, piece.text);
      line = static_cast<int>(token->getLine());
      result_.pieces.push_back(std::move(piece));
      if (!result_.pieces.back().comment) before = &result_.pieces.back();
    }
  }

  Pieces Read(ParserRuleContext& file) && {
    ParserRuleContext* before = nullptr;
    bool before_on_one_line = false;
    for (ParseTree* child : file.children) {
      ParserRuleContext* item = ContextOf(child);
      if (item == nullptr) continue;  // the end of the file
      // A definition is what an item holds; the header is none.
      if (item->getRuleIndex() == SpaceParser::RuleItem) item = ContextOf(item->children[0]);
      const size_t groups = result_.groups.size();
      Item(First(item), Last(item));
      Visit(*item);
      At(First(item)).can_break = Break::kItem;
      const bool on_one_line = OnOneLine(*item, groups);
      if (before != nullptr &&
          !(StandTogether(*before, *item) && before_on_one_line && on_one_line)) {
        Separate(*before, *item);
      }
      before = item;
      before_on_one_line = on_one_line;
    }
    std::stable_sort(result_.groups.begin(), result_.groups.end(),
                     [](const Group& a, const Group& b) {
                       return a.first != b.first ? a.first < b.first : a.last > b.last;
                     });
    return std::move(result_);
  }

 private:
  // What holds where the construct around two tokens says nothing else.
  static int SpacesBetween(const Piece* before, const std::string& text) {
    constexpr absl::string_view kTightBefore[] = {",", ")", "]", ":", ".", ".."};
    constexpr absl::string_view kTightBehind[] = {"(", "[", ".", ".."};
    const auto is_in = [](const auto& words, absl::string_view word) {
      return std::find(std::begin(words), std::end(words), word) != std::end(words);
    };
    if (before == nullptr || is_in(kTightBefore, text)) return 0;
    return is_in(kTightBehind, before->text) ? 0 : 1;
  }

  Piece& At(size_t index) { return result_.pieces[index]; }

  void Fill(size_t index, ParseTree* unit) {
    At(index).can_break = Break::kFill;
    At(index).unit_end = Last(unit) + 1;
  }

  Group& AddGroup(size_t first, size_t last, Group::Kind kind) {
    Group group;
    group.first = first;
    group.last = last;
    group.kind = kind;
    result_.groups.push_back(std::move(group));
    return result_.groups.back();
  }

  void Item(size_t first, size_t last) { AddGroup(first, last, Group::Kind::kRun); }

  void Visit(ParserRuleContext& tree) {
    const auto& children = tree.children;
    switch (tree.getRuleIndex()) {
      case SpaceParser::RuleChain:
      case SpaceParser::RuleChainArg:
        VisitChain(tree);
        break;
      case SpaceParser::RuleExpr:
        VisitExpression(tree);
        break;
      case SpaceParser::RuleInput:
        VisitInput(tree);
        break;
      case SpaceParser::RuleParams:
      case SpaceParser::RuleArgs:
        At(First(&tree)).spaces = 0;
        break;
      default:
        break;
    }
    for (size_t i = 0; i < children.size(); ++i) {
      const std::string word = Word(children[i]);
      if (const Brackets* brackets = BracketsOf(tree.getRuleIndex(), word)) {
        i = VisitBrackets(tree, i, *brackets);
      } else if (word == "..") {
        VisitRange(tree, i);
      } else if (word == ",") {
        Fill(First(children[i + 1]), children[i + 1]);
      } else if (word == "[") {
        At(First(children[i])).spaces = 0;
      } else if (IsAmount(children[i]) && i > 0 && IsAmount(children[i - 1])) {
        Fill(First(children[i]), children[i]);
        At(First(children[i])).spaces = 2;
      }
      if (ParserRuleContext* child = ContextOf(children[i])) Visit(*child);
    }
  }

  static bool IsAmount(ParseTree* tree) {
    ParserRuleContext* context = ContextOf(tree);
    return context != nullptr && context->getRuleIndex() == SpaceParser::RuleAmount;
  }

  void VisitChain(ParserRuleContext& chain) {
    std::vector<size_t> arrows;
    for (size_t i = 1; i < chain.children.size(); i += 2) {
      arrows.push_back(First(chain.children[i]));
      Fill(arrows.back(), chain.children[i + 1]);
    }
    if (arrows.empty()) return;
    AddGroup(First(&chain), Last(&chain), Group::Kind::kRun).arrows = std::move(arrows);
  }

  void VisitExpression(ParserRuleContext& expression) {
    const auto& parts = expression.children;
    ParserRuleContext* around = ContextOf(expression.parent);
    if (parts.size() > 1 && around->getRuleIndex() != SpaceParser::RuleExpr) {
      AddGroup(First(&expression), Last(&expression), Group::Kind::kRun);
    }
    if (parts.size() == 2 && Word(parts[0]) == "-") {
      At(First(parts[1])).spaces = 0;
    } else if (parts.size() == 3 && Word(parts[1]) == "/" && IsNumber(parts[0]) &&
               IsNumber(parts[2])) {
      At(First(parts[1])).spaces = 0;
      At(First(parts[2])).spaces = 0;
    } else if (parts.size() == 3 && TokenOf(parts[0]) == nullptr) {
      Fill(First(parts[1]), parts[2]);
    }
  }

  // The task stands apart from the shape: `image(3, 32, 32)  classes 10`.
  void VisitInput(ParserRuleContext& input) {
    for (size_t i = 1; i < input.children.size(); ++i) {
      if (TokenOf(input.children[i]) == nullptr) continue;
      Fill(First(input.children[i]), input.children[i + 1]);
      At(First(input.children[i])).spaces = 2;
    }
  }

  // 1..4, but a + 1 .. b * 2
  void VisitRange(ParserRuleContext& tree, size_t dots) {
    ParseTree* low = tree.children[dots - 1];
    ParseTree* high = tree.children[dots + 1];
    const int spaces = First(low) == Last(low) && First(high) == Last(high) ? 0 : 1;
    At(First(tree.children[dots])).spaces = spaces;
    At(First(high)).spaces = spaces;
  }

  // Returns the place of the closing bracket among the children.
  size_t VisitBrackets(ParserRuleContext& tree, size_t open, const Brackets& brackets) {
    const auto& children = tree.children;
    size_t close = open + 1;
    while (Word(children[close]) != brackets.close) ++close;
    const size_t first = First(children[open]);
    const size_t last = First(children[close]);
    if (last == first + 1) {
      At(last).spaces = 0;
      return close;
    }
    const bool on_one_line =
        TokenOf(children[open])->getLine() == TokenOf(children[close])->getLine();
    AddGroup(first, last, brackets.kind).broken =
        brackets.kind == Group::Kind::kBlock && !on_one_line;
    // An item goes to the next comma, or is a tree with the word before it: `merge sum`.
    for (size_t i = open + 1; i < close; ++i) {
      const size_t begin = First(children[i]);
      if (TokenOf(children[i]) != nullptr) ++i;
      Item(begin, Last(children[i]));
      At(begin).can_break = brackets.items;
      At(begin).unit_end = Last(children[i]) + 1;
      At(begin).spaces = begin == first + 1 ? brackets.inside : brackets.between;
      Visit(*ContextOf(children[i]));
      if (i + 1 < close && Word(children[i + 1]) == ",") ++i;
    }
    Piece& end = At(last);
    end.can_break = Break::kItem;
    end.spaces = brackets.inside;
    return close;
  }

  // What may stand beside its like, without a blank line between, where both have one line.
  static bool StandTogether(const ParserRuleContext& before, const ParserRuleContext& item) {
    constexpr size_t kRules[] = {SpaceParser::RuleImportDecl, SpaceParser::RuleScaleDecl,
                                 SpaceParser::RuleRequireDecl, SpaceParser::RuleRenamedDecl};
    const size_t rule = item.getRuleIndex();
    return before.getRuleIndex() == rule &&
           std::find(std::begin(kRules), std::end(kRules), rule) != std::end(kRules);
  }

  // Whether a definition, whose groups begin at `groups`, will have one line.
  bool OnOneLine(ParserRuleContext& item, size_t groups) {
    size_t width = 0;
    for (size_t i = First(&item); i <= Last(&item); ++i) {
      if (At(i).comment) return false;
      width += At(i).width + (i > First(&item) ? At(i).spaces : 0);
    }
    return width <= kMaxColumns &&
           std::none_of(result_.groups.begin() + groups, result_.groups.end(),
                        [](const Group& group) { return group.broken; });
  }

  // One blank line before a definition and the comments that belong to it, as if it had been
  // written.
  void Separate(ParserRuleContext& before, ParserRuleContext& item) {
    const size_t end = First(&item);
    size_t begin = end;
    while (At(begin - 1).own_line) --begin;
    for (size_t i = begin; i <= end; ++i) {
      if (At(i).lines_before > 1) return;
    }
    // What documents the file stays under its header.
    if (before.getRuleIndex() == SpaceParser::RuleHeader) {
      while (begin < end && absl::StartsWith(At(begin).text, "///")) ++begin;
    }
    At(begin).lines_before = 2;
  }

  Pieces result_;
};

}  // namespace

Pieces ReadPieces(antlr4::ParserRuleContext& file, antlr4::CommonTokenStream& tokens) {
  return Reader(tokens).Read(file);
}

std::vector<std::string> Texts(antlr4::CommonTokenStream& tokens) {
  std::vector<std::string> texts;
  for (Token* token : tokens.getTokens()) {
    if (token->getType() != Token::EOF) texts.push_back(TextOf(*token));
  }
  return texts;
}

}  // namespace nasc::format
