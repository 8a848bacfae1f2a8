#include "dsl/format.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/format_layout.h"
#include "dsl/format_pieces.h"
#include "dsl/parse_boundary.h"

namespace nasc {
namespace {

std::vector<std::string> TextsOf(const std::string& text) {
  antlr4::ANTLRInputStream input(text);
  SpaceLexer lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  return format::Texts(tokens);
}

}  // namespace

std::optional<std::string> FormatSpace(std::shared_ptr<const SourceFile> source,
                                       Diagnostics& diagnostics) {
  std::optional<std::string> formatted;
  Parse(source, diagnostics, &SpaceParser::file,
        [&](SpaceParser::FileContext& tree, antlr4::CommonTokenStream& tokens) {
          std::string text = format::LayOut(format::ReadPieces(tree, tokens));
          if (text.size() > kMaxBytes) {
            diagnostics.Report(kTooLarge, {source, 1, 1, 1},
                               absl::StrCat("formatted, a text of ", text.size(),
                                            " bytes; at most ", kMaxBytes, " are read"));
          } else if (TextsOf(text) != format::Texts(tokens)) {
            diagnostics.Report(kSyntax, {source, 1, 1, 1},
                               "cannot be formatted: the layout would change the text");
          } else {
            formatted = std::move(text);
          }
        });
  return formatted;
}

}  // namespace nasc
