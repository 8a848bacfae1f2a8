#pragma once

#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/lexer.h"

namespace nasc::ir {

// The tokens of a text one after the other, for a parser to derive from. The first fault is kept
// and ends the text: from then on every token is the end, nothing matches, and the functions return
// what they like.
class TokenReader {
 protected:
  using Kind = Token::Kind;

  explicit TokenReader(absl::string_view text) : lexer_(text), token_(lexer_.Next()) {}

  const Token& token() const { return token_; }
  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }

  void FailAt(const Token& token, absl::string_view expected) {
    if (ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(token.line, ":", token.column, ": found ",
                                                        Describe(token), ", expected ", expected));
    }
    token_ = Token();
  }
  void Fail(absl::string_view expected) { FailAt(token_, expected); }

  Token Take() {
    const Token taken = token_;
    if (ok()) token_ = lexer_.Next();
    return taken;
  }

  // A token of the kind; where there is another, that is a fault.
  Token Take(Kind kind, absl::string_view expected) {
    if (token_.kind == kind) return Take();
    Fail(expected);
    return {kind, "?"};
  }

  bool At(absl::string_view text) const { return token_.text == text; }
  bool Accept(absl::string_view text) {
    if (!At(text)) return false;
    Take();
    return true;
  }
  void Expect(absl::string_view text) {
    if (!Accept(text)) Fail(absl::StrCat("'", text, "'"));
  }

  // Items up to the closing sign.
  template <typename F>
  void ParseList(absl::string_view separator, absl::string_view close, F parse_item) {
    if (Accept(close)) return;
    do {
      parse_item();
    } while (Accept(separator));
    Expect(close);
  }

  std::string ParseName(absl::string_view expected) {
    const Token token = token_;
    // A name may start with a digit, but has no sign.
    const bool number =
        token.kind == Kind::kNumber && token.text.find_first_of("+-") == absl::string_view::npos;
    if (token.kind != Kind::kWord && !number) Fail(expected);
    return std::string(Take().text);
  }

  template <typename Int>
  Int ParseWhole(absl::string_view expected) {
    const Token token = Take(Kind::kNumber, expected);
    Int value = 0;
    if (!absl::SimpleAtoi(token.text, &value)) FailAt(token, expected);
    return value;
  }
  int64_t ParseWhole() { return ParseWhole<int64_t>("a whole number of 64 bits"); }

  double ParseReal() {
    constexpr absl::string_view kExpected = "a finite number";
    const Token token = Take(Kind::kNumber, kExpected);
    double value = 0;
    if (!absl::SimpleAtod(token.text, &value) || !std::isfinite(value)) FailAt(token, kExpected);
    return value;
  }

  std::string ParseString(absl::string_view expected) {
    const Token token = Take(Kind::kString, expected);
    std::string text;
    if (ok() && !absl::CUnescape(token.text.substr(1, token.text.size() - 2), &text)) {
      FailAt(token, expected);
    }
    return text;
  }

 private:
  Lexer lexer_;
  Token token_;
  absl::Status status_;
};

}  // namespace nasc::ir
