#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nasc::ir {

// A token of the text form. Its text is as written, a piece of the lexer's text.
struct Token {
  enum class Kind {
    kEnd,
    kWord,         // starts with a letter or _
    kNumber,       // starts with a digit or -; may be a name too, such as the version 1.0.0
    kValue,        // %name
    kSymbol,       // @name
    kString,       // "..." with escapes
    kPunctuation,  // one code point, also one that starts nothing
  };
  Kind kind = Kind::kEnd;
  absl::string_view text;
  int line = 1;
  int column = 1;  // in code points

  // Of a value or a symbol: what follows the sign.
  absl::string_view name() const { return text.substr(1); }
};

// "'%stem'" or "the end of the text", short and printable whatever was found.
std::string Describe(const Token& token);

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  // At the end of the text: kEnd, again and again.
  Token Next();

 private:
  // The length of what starts at the current place, and its kind.
  size_t Measure(Token::Kind& kind) const;
  size_t MeasureNumber() const;
  void SkipSpaceAndComments();  // comments go from // to the end of their line
  void Advance(size_t length);

  absl::string_view text_;
  size_t position_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace nasc::ir
