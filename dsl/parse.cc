#include "dsl/parse.h"

#include <cctype>
#include <string>
#include <vector>

#include "dsl/ast_builder.h"
#include "dsl/parse_boundary.h"

namespace nasc {

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

std::optional<Setting> ParseSetting(std::shared_ptr<const SourceFile> source,
                                    Diagnostics& diagnostics) {
  std::optional<Setting> setting;
  Parse(source, diagnostics, &SpaceParser::settingFile,
        [&](SpaceParser::SettingFileContext& tree, antlr4::CommonTokenStream& tokens) {
          setting = AstBuilder(source, tokens, diagnostics).Build(tree);
        });
  return setting;
}

const std::vector<std::string>& Keywords() {
  static const auto* const keywords = [] {
    antlr4::ANTLRInputStream nothing("");
    SpaceLexer lexer(&nothing);
    const antlr4::dfa::Vocabulary& vocabulary = lexer.getVocabulary();
    auto* words = new std::vector<std::string>;
    for (size_t type = 1; type <= vocabulary.getMaxTokenType(); ++type) {
      const std::string literal = vocabulary.getLiteralName(type);  // "'cell'", "'->'"
      if (literal.size() > 2 && std::isalpha(static_cast<unsigned char>(literal[1]))) {
        words->push_back(literal.substr(1, literal.size() - 2));
      }
    }
    return words;
  }();
  return *keywords;
}

}  // namespace nasc
