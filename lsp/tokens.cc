#include "lsp/tokens.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace nasc::lsp {
namespace {

constexpr absl::string_view kLongSymbols[] = {"->", "*=", "==", "!=", "<=", ">=", ".."};

// Letters of other scripts are not told from other characters: those stand in no correct text.
bool IsLetter(char c) { return absl::ascii_isalpha(c) || c == '_' || (c & 0x80) != 0; }
bool IsDigit(char c) { return absl::ascii_isdigit(c); }

size_t WordEnd(absl::string_view text, size_t i) {
  while (i < text.size() && (IsLetter(text[i]) || IsDigit(text[i]))) ++i;
  return i;
}

size_t DigitsEnd(absl::string_view text, size_t i) {
  while (i < text.size() && IsDigit(text[i])) ++i;
  return i;
}

// `3`, `0.5`, `1.0.0`, `6e-3`, `50%`, `78ms`; not the dots of `1..4`.
size_t NumberEnd(absl::string_view text, size_t i) {
  i = DigitsEnd(text, i);
  while (i + 1 < text.size() && text[i] == '.' && IsDigit(text[i + 1])) i = DigitsEnd(text, i + 1);
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    size_t digits = i + 1;
    if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
    if (digits < text.size() && IsDigit(text[digits])) i = DigitsEnd(text, digits);
  }
  for (absl::string_view unit : {"%", "ms", "s"}) {
    if (absl::StartsWith(text.substr(i), unit)) return i + unit.size();
  }
  return i;
}

int CodePoints(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::vector<Token> Scan(absl::string_view text) {
  std::vector<Token> tokens;
  int line = 1;
  int column = 1;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
      ++i;
      continue;
    }
    if (absl::ascii_isspace(text[i])) {
      ++column;
      ++i;
      continue;
    }
    const absl::string_view rest = text.substr(i);
    size_t end = i + 1;
    Token::Kind kind = Token::Kind::kSymbol;
    bool comment = false;
    if (absl::StartsWith(rest, "//")) {
      end = std::min(text.find('\n', i), text.size());
      kind = Token::Kind::kDoc;
      comment = !absl::StartsWith(rest, "///");
    } else if (text[i] == '"') {
      kind = Token::Kind::kString;
      end = std::min(text.find_first_of("\"\n", i + 1), text.size());
      if (end < text.size() && text[end] == '"') ++end;
    } else if (IsLetter(text[i])) {
      kind = Token::Kind::kWord;
      end = WordEnd(text, i);
    } else if (IsDigit(text[i])) {
      kind = Token::Kind::kNumber;
      end = NumberEnd(text, i);
    } else {
      for (absl::string_view symbol : kLongSymbols) {
        if (absl::StartsWith(rest, symbol)) end = i + symbol.size();
      }
    }
    const absl::string_view piece = text.substr(i, end - i);
    const int length = CodePoints(piece);
    if (!comment) tokens.push_back({kind, piece, line, column, length});
    column += length;
    i = end;
  }
  return tokens;
}

Location LocationOf(const Token& token, std::shared_ptr<const SourceFile> file) {
  return {std::move(file), token.line, token.column, token.length};
}

int TokenAt(const std::vector<Token>& tokens, const Location& place) {
  // The first token that ends at the place or behind it.
  auto it = std::partition_point(tokens.begin(), tokens.end(), [&place](const Token& token) {
    return token.line < place.line ||
           (token.line == place.line && token.column + token.length < place.column);
  });
  const auto touches = [&](const Token& token) {
    return token.line == place.line && token.column <= place.column;
  };
  if (it == tokens.end() || !touches(*it)) return -1;
  const bool meets_next =
      it->kind == Token::Kind::kSymbol && it + 1 != tokens.end() && touches(*(it + 1));
  return static_cast<int>(it - tokens.begin()) + (meets_next ? 1 : 0);
}

}  // namespace nasc::lsp
