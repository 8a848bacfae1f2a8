#include "dsl/parse.h"

#include <exception>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "antlr4-runtime.h"
#include "dsl/SpaceLexer.h"
#include "dsl/SpaceParser.h"
#include "dsl/ast_builder.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kSyntax, "syntax", kError);
NASC_DIAGNOSTIC(kNotUtf8, "not-utf-8", kError);
NASC_DIAGNOSTIC(kTooLarge, "too-large", kError);
NASC_DIAGNOSTIC(kTooDeep, "too-deep", kError);

// A hand-written space has a few kilobytes; the bounds keep hostile text from exhausting the stack
// or the memory (the tree takes about a hundred times the text).
constexpr size_t kMaxBytes = 4 << 20;
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
    // After a mistake the parser finds its way again by the next line at the latest.
    if (location.line == last_line_) return;
    last_line_ = location.line;
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
    const std::string near = DidYouMean(token.getText(), keywords);
    if (!near.empty()) return near;
    if (words.empty() || words.size() > 12) return "";
    return absl::StrCat("expected ", absl::StrJoin(words, ", "));
  }

  std::shared_ptr<const SourceFile> source_;
  Diagnostics& diagnostics_;
  int last_line_ = 0;
};

// Whether the text nests deeper than the stack should have to bear. An operator makes the tree of
// its expression a level deeper, with or without a bracket, so both count.
bool TooDeep(antlr4::CommonTokenStream& tokens, const std::shared_ptr<const SourceFile>& source,
             Diagnostics& diagnostics) {
  static const auto* const operators = new std::set<absl::string_view>{
      "+", "-", "*", "/", "^", "==", "!=", "<", "<=", ">", ">=", "not", "and", "or"};
  std::vector<int> open = {0};  // the operators of the expression in each open bracket
  int depth = 0;                // the brackets and operators of all of them
  for (antlr4::Token* token : tokens.getTokens()) {
    const std::string text = token->getText();
    if (text == "{" || text == "(" || text == "[") {
      open.push_back(0);
      ++depth;
    } else if ((text == "}" || text == ")" || text == "]") && open.size() > 1) {
      depth -= open.back() + 1;
      open.pop_back();
    } else if (operators->count(text) > 0) {
      ++open.back();
      ++depth;
    } else if (text == "," || text == "=" || text == ":" || text == "->") {
      depth -= open.back();  // the next expression begins
      open.back() = 0;
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

// Runs a rule of the grammar over the text and hands its tree to `build`.
template <typename Rule, typename Build>
void Parse(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics, Rule rule,
           Build build) {
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
    if (TooDeep(tokens, source, diagnostics)) return;
    SpaceParser parser(&tokens);
    parser.removeErrorListeners();
    parser.addErrorListener(&listener);
    auto* tree = (parser.*rule)();
    // A tree that recovery patched would give errors that the user did not make.
    if (diagnostics.errors() == errors_before) build(*tree, tokens);
  } catch (const std::exception& error) {
    diagnostics.Report(kSyntax, {source, 1, 1, 1},
                       absl::StrCat("cannot be parsed: ", error.what()));
  }
}

}  // namespace

ast::File ParseSpace(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics) {
  ast::File file;
  file.source = source;
  Parse(source, diagnostics, &SpaceParser::file,
        [&](SpaceParser::FileContext& tree, antlr4::CommonTokenStream& tokens) {
          file = AstBuilder(source, tokens, diagnostics).Build(tree);
        });
  return file;
}

ast::ArchitectureFile ParseArchitecture(std::shared_ptr<const SourceFile> source,
                                        Diagnostics& diagnostics) {
  ast::ArchitectureFile file;
  file.source = source;
  Parse(source, diagnostics, &SpaceParser::architectureFile,
        [&](SpaceParser::ArchitectureFileContext& tree, antlr4::CommonTokenStream& tokens) {
          file = AstBuilder(source, tokens, diagnostics).Build(tree);
        });
  return file;
}

}  // namespace nasc
