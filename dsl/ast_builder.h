#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/SpaceParser.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/setting.h"

namespace nasc {

// Turns ANTLR's tree into ours. The tree must come from a text without a syntax error.
class AstBuilder {
 public:
  AstBuilder(std::shared_ptr<const SourceFile> source, antlr4::CommonTokenStream& tokens,
             Diagnostics& diagnostics);

  ast::File Build(SpaceParser::FileContext& tree);
  ast::ArchitectureFile Build(SpaceParser::ArchitectureFileContext& tree);
  Setting Build(SpaceParser::SettingFileContext& tree);

 private:
  Location At(antlr4::ParserRuleContext& tree) const;
  Location At(antlr4::Token& token) const;
  ast::Identifier Name(antlr4::ParserRuleContext* tree) const;
  static std::string Unquoted(antlr4::Token& string);
  // The `///` lines right above a definition, or right below a header.
  std::string Doc(antlr4::ParserRuleContext& tree) const;
  std::string DocAfter(antlr4::Token& token) const;

  // --- expressions and chains ---
  ast::Expr Number(antlr4::Token& token);
  ast::Expr BuildAtom(antlr4::Token& token);
  ast::Expr Build(SpaceParser::ExprContext* tree);
  std::vector<ast::Expr> Build(const std::vector<SpaceParser::ExprContext*>& trees);
  ast::Assign Build(SpaceParser::AssignContext& tree);
  std::vector<ast::Arg> Build(SpaceParser::ArgsContext* tree);
  ast::Step Build(SpaceParser::WhenContext& tree);
  ast::Step Build(SpaceParser::RepeatContext& tree);
  ast::Step Build(SpaceParser::OneOfContext& tree);
  ast::Step Build(SpaceParser::StepContext& tree);
  ast::Chain Build(SpaceParser::ChainContext* tree);
  ast::Chain Build(SpaceParser::ChainArgContext& tree);
  // A chain that names its steps by itself; nothing where there is none.
  std::optional<ast::Chain> BuildLabelled(SpaceParser::ChainContext* tree);
  std::vector<ast::Candidate> Build(const std::vector<SpaceParser::CandidateContext*>& trees);
  std::vector<ast::Param> Build(SpaceParser::ParamsContext* tree);
  ast::Choose Build(SpaceParser::ChooseContext& tree);
  ast::Call Build(SpaceParser::CallContext* tree);
  std::vector<ast::Assign> Build(SpaceParser::ConfigContext* tree);

  // --- definitions ---
  void Add(SpaceParser::ItemContext& tree, ast::File& file);
  ast::Import Build(SpaceParser::ImportDeclContext& tree);
  ast::OpsDecl Build(SpaceParser::OpsDeclContext& tree);
  ast::OpDecl Build(SpaceParser::OpDeclContext& tree);
  ast::Source Build(SpaceParser::SourceContext& tree);
  ast::Edges Build(SpaceParser::EdgesContext& tree);
  ast::Slots Build(SpaceParser::SlotsContext& tree);
  ast::NodeDecl Build(SpaceParser::NodeDeclContext& tree);
  std::vector<ast::CellInput> BuildInputs(SpaceParser::ParamsContext* tree);
  ast::CellDecl Build(SpaceParser::CellDeclContext& tree);
  ast::Input Build(SpaceParser::InputContext& tree);
  ast::Auxiliary Build(SpaceParser::AuxiliaryContext& tree);
  ast::Stack BuildStack(SpaceParser::NetworkItemContext& tree);
  ast::NetworkDecl Build(SpaceParser::NetworkDeclContext& tree);
  ast::ScaleDecl Build(SpaceParser::ScaleDeclContext& tree);
  ast::Require Build(SpaceParser::RequireDeclContext& tree);
  ast::SearchDecl Build(SpaceParser::SearchDeclContext& tree);

  // Reports a part that is written twice where one is allowed.
  template <typename T>
  void SetOnce(std::optional<T>& slot, T value, antlr4::Token& word);

  std::shared_ptr<const SourceFile> source_;
  antlr4::CommonTokenStream& tokens_;
  Diagnostics& diagnostics_;
};

}  // namespace nasc
