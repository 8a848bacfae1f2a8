#include "dsl/parse_boundary.h"

#include <cctype>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc {

NASC_DIAGNOSTIC(kSyntax, "syntax", kError);
NASC_DIAGNOSTIC(kTooLarge, "too-large", kError);

namespace {

NASC_DIAGNOSTIC(kNotUtf8, "not-utf-8", kError);
NASC_DIAGNOSTIC(kTooDeep, "too-deep", kError);

// Keeps hostile text from exhausting the stack.
constexpr int kMaxDepth = 200;

// "'{'", "a name", "a number" as messages say them.
std::string TokenName(const antlr4::dfa::Vocabulary& vocabulary, size_t type) {
  switch (type) {
    case antlr4::Token::EOF:
      return "the end of the file";
    case SpaceParser::ID:
      return "a name";
    case SpaceParser::NUMBER:
      return "a number";
    case SpaceParser::STRING:
      return "a string";
    case SpaceParser::VERSION:
      return "a version such as 1.0.0";
    default:
      return vocabulary.getDisplayName(type);
  }
}

// Finds the way again after a mistake: the rest of its definition is skipped, so that one mistake
// is one error and every definition is looked at.
class SkipDefinition : public antlr4::DefaultErrorStrategy {
 public:
  void recover(antlr4::Parser* parser, std::exception_ptr error) override {
    const antlr4::ParserRuleContext* tree = parser->getContext();
    const bool whole = dynamic_cast<const SpaceParser::ItemContext*>(tree) != nullptr ||
                       dynamic_cast<const SpaceParser::HeaderContext*>(tree) != nullptr ||
                       tree->parent == nullptr;
    if (!whole) std::rethrow_exception(error);  // to the rule around it
    SkipToDefinition(*parser);
  }

  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw antlr4::InputMismatchException(parser);
  }

  void sync(antlr4::Parser* parser) override {
    antlr4::atn::ATNState* state =
        parser->getInterpreter<antlr4::atn::ATNSimulator>()->atn.states[parser->getState()];
    const antlr4::misc::IntervalSet& expected = parser->getATN().nextTokens(state);
    const size_t next = parser->getInputStream()->LA(1);
    if (expected.contains(antlr4::Token::EPSILON) ||
        expected.contains(static_cast<ptrdiff_t>(next))) {
      return;
    }
    antlr4::InputMismatchException error(parser);
    if (dynamic_cast<SpaceParser::FileContext*>(parser->getContext()) == nullptr) throw error;
    reportError(parser, error);
    if (next != antlr4::Token::EOF) parser->getTokenStream()->consume();
    SkipToDefinition(*parser);
  }

 private:
  // Whether a definition begins: a line that is not indented, with a word that begins one, or with
  // what is likely meant to be such a word.
  static bool BeginsDefinition(const antlr4::Token& token) {
    static const auto* const words = new std::map<size_t, std::string>{
        {SpaceParser::IMPORT, "import"},   {SpaceParser::OPS, "ops"},
        {SpaceParser::OP, "op"},           {SpaceParser::CELL, "cell"},
        {SpaceParser::NETWORK, "network"}, {SpaceParser::SCALE, "scale"},
        {SpaceParser::SEARCH, "search"},   {SpaceParser::REQUIRE, "require"},
        {SpaceParser::RENAMED, "renamed"}};
    if (token.getCharPositionInLine() != 0) return false;
    if (words->count(token.getType()) > 0) return true;
    if (token.getType() != SpaceParser::ID) return false;
    std::vector<std::string> texts;
    for (const auto& word : *words) texts.push_back(word.second);
    return !DidYouMean(token.getText(), texts).empty();
  }

  void SkipToDefinition(antlr4::Parser& parser) {
    antlr4::TokenStream& tokens = *parser.getTokenStream();
    while (tokens.LA(1) != antlr4::Token::EOF && !BeginsDefinition(*tokens.LT(1))) {
      tokens.consume();
    }
    endErrorCondition(&parser);
  }
};

// Stops at the first mistake without looking for it: fast.
class Bail : public antlr4::BailErrorStrategy {
 public:
  void sync(antlr4::Parser*) override {}
};

class ErrorListener : public antlr4::BaseErrorListener {
 public:
  ErrorListener(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics)
      : source_(std::move(source)), diagnostics_(diagnostics) {}

  void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* token, size_t line, size_t column,
                   const std::string& message, std::exception_ptr) override {
    Location location{source_, static_cast<int>(line), static_cast<int>(column) + 1, 1};
    auto* parser = dynamic_cast<antlr4::Parser*>(recognizer);
    if (parser == nullptr || token == nullptr) {
      diagnostics_.Report(kSyntax, location, message);
      return;
    }
    std::string found = "end of the file";
    if (token->getType() != antlr4::Token::EOF) {
      found = absl::StrCat("'", token->getText(), "'");
      location.length = static_cast<int>(token->getStopIndex() - token->getStartIndex() + 1);
    }
    Diagnostic& diagnostic =
        diagnostics_.Report(kSyntax, location, absl::StrCat("unexpected ", found));
    diagnostic.fix = Expectation(*parser, *token);
  }

 private:
  static std::string Expectation(antlr4::Parser& parser, antlr4::Token& token) {
    std::vector<std::string> words;
    std::vector<std::string> keywords;
    bool name = false;
    try {
      const std::vector<ptrdiff_t> types = parser.getExpectedTokens().toList();
      for (const ptrdiff_t type : types) name |= type == static_cast<ptrdiff_t>(SpaceParser::ID);
      for (const ptrdiff_t type : types) {
        const std::string word = TokenName(parser.getVocabulary(), type);
        const bool keyword = word.size() > 3 && word[0] == '\'' && std::isalpha(word[1]);
        if (keyword) keywords.push_back(word.substr(1, word.size() - 2));
        // Where any name may stand, the words that may also be names say nothing new.
        if (!(keyword && name)) words.push_back(word);
      }
    } catch (const std::exception&) {
      return "";  // no expectation is known in this state
    }
    // A word of the language in the wrong place is not mistyped.
    const bool mistyped = token.getType() == SpaceParser::ID;
    const std::string near = mistyped ? DidYouMean(token.getText(), keywords) : "";
    if (!near.empty()) return near;
    if (words.empty() || words.size() > 12) return "";
    return absl::StrCat("expected ", absl::StrJoin(words, ", "));
  }

  std::shared_ptr<const SourceFile> source_;
  Diagnostics& diagnostics_;
};

// What a token does to the depth of the tree.
enum class Nesting { kNone, kOpens, kCloses, kOperator, kSeparates };

// By the type of a token.
std::vector<Nesting> NestingOfTokens(const antlr4::dfa::Vocabulary& vocabulary) {
  static const auto* const words = new std::map<absl::string_view, Nesting>{
      {"{", Nesting::kOpens},      {"(", Nesting::kOpens},     {"[", Nesting::kOpens},
      {"}", Nesting::kCloses},     {")", Nesting::kCloses},    {"]", Nesting::kCloses},
      {"+", Nesting::kOperator},   {"-", Nesting::kOperator},  {"*", Nesting::kOperator},
      {"/", Nesting::kOperator},   {"^", Nesting::kOperator},  {"==", Nesting::kOperator},
      {"!=", Nesting::kOperator},  {"<", Nesting::kOperator},  {"<=", Nesting::kOperator},
      {">", Nesting::kOperator},   {">=", Nesting::kOperator}, {"not", Nesting::kOperator},
      {"and", Nesting::kOperator}, {"or", Nesting::kOperator}, {",", Nesting::kSeparates},
      {"=", Nesting::kSeparates},  {":", Nesting::kSeparates}, {"->", Nesting::kSeparates},
  };
  std::vector<Nesting> nesting(vocabulary.getMaxTokenType() + 1, Nesting::kNone);
  for (size_t type = 0; type < nesting.size(); ++type) {
    const std::string literal(vocabulary.getLiteralName(type));  // in quotes
    if (literal.size() < 3) continue;
    const auto it = words->find(literal.substr(1, literal.size() - 2));
    if (it != words->end()) nesting[type] = it->second;
  }
  return nesting;
}

// Whether the text nests deeper than the stack should have to bear. An operator makes the tree of
// its expression a level deeper, with or without a bracket, so both count.
bool TooDeep(antlr4::CommonTokenStream& tokens, const antlr4::dfa::Vocabulary& vocabulary,
             const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics) {
  const std::vector<Nesting> nesting = NestingOfTokens(vocabulary);
  std::vector<int> open = {0};  // the operators of the expression in each open bracket
  int depth = 0;                // the brackets and operators of all of them
  for (antlr4::Token* token : tokens.getTokens()) {
    const size_t type = token->getType();
    switch (type < nesting.size() ? nesting[type] : Nesting::kNone) {
      case Nesting::kNone:
        break;
      case Nesting::kOpens:
        open.push_back(0);
        ++depth;
        break;
      case Nesting::kCloses:
        if (open.size() == 1) break;
        depth -= open.back() + 1;
        open.pop_back();
        break;
      case Nesting::kOperator:
        ++open.back();
        ++depth;
        break;
      case Nesting::kSeparates:
        depth -= open.back();  // the next expression begins
        open.back() = 0;
        break;
    }
    if (depth > kMaxDepth) {
      const Location location{source, static_cast<int>(token->getLine()),
                              static_cast<int>(token->getCharPositionInLine()) + 1, 1};
      diagnostics.Report(kTooDeep, location, absl::StrCat("nested deeper than ", kMaxDepth));
      return true;
    }
  }
  return false;
}

bool Unreadable(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics) {
  const std::string& text = source->text();
  if (text.size() > kMaxBytes) {
    diagnostics.Report(
        kTooLarge, {source, 1, 1, 1},
        absl::StrCat("a text of ", text.size(), " bytes; at most ", kMaxBytes, " are read"));
    return true;
  }
  const size_t invalid = FindInvalidUtf8(text);
  if (invalid != absl::string_view::npos) {
    Location location{source, 1, 1, 1};
    for (size_t i = 0; i < invalid; ++i) {
      if (text[i] == '\n') {
        ++location.line;
        location.column = 1;
      } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
        ++location.column;
      }
    }
    diagnostics.Report(kNotUtf8, location, "a byte that is not UTF-8");
    return true;
  }
  return false;
}

}  // namespace

void ParseWithinBounds(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics,
                       absl::FunctionRef<void(SpaceParser&)> parse,
                       absl::FunctionRef<void(antlr4::CommonTokenStream&)> use) {
  if (Unreadable(source, diagnostics)) return;
  const int errors_before = diagnostics.errors();
  try {
    antlr4::ANTLRInputStream input(source->text());
    SpaceLexer lexer(&input);
    ErrorListener listener(source, diagnostics);
    lexer.removeErrorListeners();
    lexer.addErrorListener(&listener);
    antlr4::CommonTokenStream tokens(&lexer);
    tokens.fill();
    if (TooDeep(tokens, lexer.getVocabulary(), source, diagnostics)) return;
    SpaceParser parser(&tokens);
    parser.removeErrorListeners();
    parser.setErrorHandler(std::make_shared<Bail>());
    try {
      parse(parser);
      // A mistake that the lexer found is left out of the tree.
      if (diagnostics.errors() == errors_before) use(tokens);
      return;
    } catch (const antlr4::ParseCancellationException&) {
    }
    // There are mistakes: the second time, all of them are looked for.
    parser.reset();
    parser.addErrorListener(&listener);
    parser.setErrorHandler(std::make_shared<SkipDefinition>());
    parse(parser);
  } catch (const std::exception& error) {
    diagnostics.Report(kSyntax, {source, 1, 1, 1},
                       absl::StrCat("cannot be parsed: ", error.what()));
  }
}

}  // namespace nasc
