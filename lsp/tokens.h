#pragma once

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "dsl/source.h"

namespace nasc::lsp {

// A piece of a text that may be half written: the parser gives no tree of such a text, and an
// editor asks most while one types. Places count as in Location.
struct Token {
  enum class Kind {
    kWord,
    kNumber,  // with its unit; versions too
    kString,  // with its quotes; up to the end of the line where the closing one is missing
    kSymbol,  // one character, `->`, `..`, or an operator
    kDoc,     // `/// ...`
  };
  Kind kind = Kind::kSymbol;
  absl::string_view text;  // in the text that was scanned
  int line = 0;
  int column = 0;
  int length = 0;  // code points

  bool Is(absl::string_view what) const {
    return text == what && (kind == Kind::kWord || kind == Kind::kSymbol);
  }
};

// The tokens of a text without its comments.
std::vector<Token> Scan(absl::string_view text);

Location LocationOf(const Token& token, std::shared_ptr<const SourceFile> file);

// The index of the token that covers or ends at the place, -1 where there is none. Where two tokens
// meet it is the word.
int TokenAt(const std::vector<Token>& tokens, const Location& place);

}  // namespace nasc::lsp
