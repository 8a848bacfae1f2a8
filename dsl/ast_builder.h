#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/SpaceParser.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"

namespace nasc {

// Turns ANTLR's tree into ours. The tree must come from a text without a syntax error.
class AstBuilder {
 public:
  AstBuilder(std::shared_ptr<const SourceFile> source, antlr4::CommonTokenStream& tokens,
             Diagnostics& diagnostics);

  ast::File Build(SpaceParser::FileContext& tree);
  ast::ArchitectureFile Build(SpaceParser::ArchitectureFileContext& tree);

 private:
  Location At(const antlr4::ParserRuleContext& tree) const;
  Location At(antlr4::Token& token) const;
  ast::Identifier Name(antlr4::ParserRuleContext* tree) const;
  // The `///` lines right above a definition, or right below a header.
  std::string Doc(const antlr4::ParserRuleContext& tree) const;
  std::string DocAfter(antlr4::Token& token) const;

  ast::Expr Number(SpaceParser::ExprContext& tree);
  ast::Expr Build(SpaceParser::ExprContext* tree);
  ast::Assign Build(SpaceParser::AssignContext& tree);
  std::vector<ast::Arg> Build(SpaceParser::ArgsContext* tree);
  ast::Step BuildWhen(SpaceParser::WhenContext& tree);
  ast::Step BuildOneOf(antlr4::ParserRuleContext& tree, SpaceParser::NameContext* set);
  ast::Step Build(SpaceParser::StepContext& tree);
  ast::Chain Build(SpaceParser::ChainContext* tree);
  ast::Chain Build(SpaceParser::ChainArgContext& tree);
  ast::Call Build(SpaceParser::CallContext* tree);
  std::vector<ast::Assign> Build(SpaceParser::ConfigContext* tree);
  std::vector<ast::Param> Build(SpaceParser::ParamsContext* tree);

  void Add(SpaceParser::ItemContext& tree, ast::File& file);
  ast::OpsDecl Build(SpaceParser::OpsDeclContext& tree);
  ast::OpDecl Build(SpaceParser::OpDeclContext& tree);
  ast::CellDecl Build(SpaceParser::CellDeclContext& tree);
  ast::NodeDecl Build(SpaceParser::NodeDeclContext& tree);
  ast::NetworkDecl Build(SpaceParser::NetworkDeclContext& tree);
  ast::SearchDecl Build(SpaceParser::SearchDeclContext& tree);

  // Reports a part that is written twice where one is allowed.
  template <typename T>
  void SetOnce(std::optional<T>& slot, T value, antlr4::Token& word);

  std::shared_ptr<const SourceFile> source_;
  antlr4::CommonTokenStream& tokens_;
  Diagnostics& diagnostics_;
};

}  // namespace nasc
