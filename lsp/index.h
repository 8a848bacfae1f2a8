#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "dsl/ast.h"
#include "lsp/tokens.h"

namespace nasc::lsp {

// Something that a text names.
struct Definition {
  enum class Kind {
    // Items of a file.
    kSpace,
    kLibrary,
    kOperation,
    kSet,
    kCell,
    kNetwork,
    kScale,
    kSearch,
    // Their parts.
    kParameter,
    kValue,   // of a `let`
    kChoice,  // of a `choose`
    kNode,
    kCandidate,
    kSetting,  // that a scale gives a value
  };
  Kind kind = Kind::kSpace;
  std::string name;
  Location location;  // of the name
  std::string text;   // what it says, on one line: "op sep_conv(kernel)", "width = 16"
  std::string doc;
  int item = -1;        // of a part: the index of the definition that it is a part of
  int first_token = 0;  // of an item: its tokens, from its keyword to before the next item
  int end_token = 0;
};

// What the tokens of a text define. Like them it needs no text that is complete.
struct Index {
  std::shared_ptr<const SourceFile> source;
  std::vector<Token> tokens;
  std::vector<Definition> definitions;  // an item, then its parts
  std::vector<int> items;               // which definitions are items, in the order of the text
  std::vector<ast::Import> imports;

  // The item to which a token belongs; nullptr before the first.
  const Definition* ItemOf(int token) const;

  // The last token of an item; the comments behind it belong to the next one.
  const Token& LastOf(const Definition& item) const;

  // A token before or behind another one, of those that are no comments; an empty one at the ends.
  const Token& Before(int token, int steps = 1) const;
  const Token& After(int token) const;
};

Index MakeIndex(std::shared_ptr<const SourceFile> source);

}  // namespace nasc::lsp
