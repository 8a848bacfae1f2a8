#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lsp/names.h"
#include "lsp/position.h"
#include "lsp/workspace.h"

// What an editor asks about a place in a document.
namespace nasc::lsp {

// What the name at the place means, how much it decides, which shapes it makes: Markdown, "" for
// nothing.
std::string Hover(Workspace& workspace, const Document& document, const Names& names,
                  const Location& place);

// Every place in the file of `names` where `meaning` is named.
std::vector<Location> References(const Names& names, const Meaning& meaning);

struct Completion {
  enum class Kind {
    kOperation,
    kSet,
    kCell,
    kScale,
    kValue,
    kArgument,
    kSetting,
    kPart,
    kKeyword,
    kFile
  };
  Kind kind = Kind::kKeyword;
  std::string label;
  std::string detail;  // as code
  std::string doc;
  std::string insert;
};

// What can be typed at the place, instead of what of it is there already.
struct Completions {
  Location replaced;
  std::vector<Completion> items;
};
Completions Complete(const Names& names, const Location& place);

// The word that a fix "did you mean 'x'?" replaces, and what it writes there.
struct Replacement {
  Location location;
  std::string text;
};
std::optional<Replacement> FixOf(const Diagnostic& diagnostic);

}  // namespace nasc::lsp
