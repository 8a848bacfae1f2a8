#include "compiler/ir/lexer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nasc::ir {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Names may have letters of any language, so every byte outside ASCII belongs to one.
bool IsNameChar(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// The number of name characters at the front.
size_t NameLength(absl::string_view text) {
  return std::find_if_not(text.begin(), text.end(), IsNameChar) - text.begin();
}

// The length of the string at the front including its quotes; 0 where it does not end on its line.
size_t StringLength(absl::string_view text) {
  for (size_t i = 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

bool StartsNumber(absl::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && absl::ascii_isdigit(text[0]);
}

size_t CodePointLength(absl::string_view text) {
  return std::find_if_not(text.begin() + 1, text.end(), IsContinuation) - text.begin();
}

}  // namespace

std::string Describe(const Token& token) {
  constexpr size_t kLongest = 40;
  if (token.kind == Token::Kind::kEnd) return "the end of the text";
  if (token.text.size() <= kLongest) {
    return absl::StrCat("'", absl::Utf8SafeCHexEscape(token.text), "'");
  }
  size_t end = kLongest;
  while (end > 0 && IsContinuation(token.text[end])) --end;
  return absl::StrCat("'", absl::Utf8SafeCHexEscape(token.text.substr(0, end)), "...'");
}

Token Lexer::Next() {
  SkipSpaceAndComments();
  Token token;
  token.line = line_;
  token.column = column_;
  if (position_ < text_.size()) {
    const size_t length = Measure(token.kind);
    token.text = text_.substr(position_, length);
    Advance(length);
  }
  return token;
}

void Lexer::SkipSpaceAndComments() {
  while (position_ < text_.size()) {
    const absl::string_view rest = text_.substr(position_);
    if (absl::ascii_isspace(rest[0])) {
      Advance(1);
    } else if (absl::StartsWith(rest, "//")) {
      Advance(std::min(rest.find('\n'), rest.size()));
    } else {
      return;
    }
  }
}

size_t Lexer::Measure(Token::Kind& kind) const {
  const absl::string_view rest = text_.substr(position_);
  if (StartsNumber(rest)) {
    kind = Token::Kind::kNumber;
    return MeasureNumber();
  }
  if (const size_t length = NameLength(rest); length > 0) {
    kind = Token::Kind::kWord;
    return length;
  }
  if (rest[0] == '%' || rest[0] == '@') {
    if (const size_t length = NameLength(rest.substr(1)); length > 0) {
      kind = rest[0] == '%' ? Token::Kind::kValue : Token::Kind::kSymbol;
      return 1 + length;
    }
  }
  if (rest[0] == '"') {
    if (const size_t length = StringLength(rest); length > 0) {
      kind = Token::Kind::kString;
      return length;
    }
  }
  kind = Token::Kind::kPunctuation;
  return CodePointLength(rest);
}

size_t Lexer::MeasureNumber() const {
  const absl::string_view rest = text_.substr(position_);
  size_t length = 1 + NameLength(rest.substr(1));
  // The sign of an exponent: 1e-05.
  const char last = rest[length - 1];
  if ((last == 'e' || last == 'E') && length + 1 < rest.size() &&
      (rest[length] == '-' || rest[length] == '+') && absl::ascii_isdigit(rest[length + 1])) {
    length += 1 + NameLength(rest.substr(length + 1));
  }
  return length;
}

void Lexer::Advance(size_t length) {
  for (const char c : text_.substr(position_, length)) {
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if (!IsContinuation(c)) {
      ++column_;
    }
  }
  position_ += length;
}

}  // namespace nasc::ir
