#pragma once

#include "dsl/ast.h"
#include "dsl/check_chain.h"
#include "dsl/check_context.h"
#include "dsl/check_number.h"
#include "dsl/scope.h"

namespace nasc {

// Checks the network of a file and its scales, which may replace parts of it.
class NetworkChecker {
 public:
  NetworkChecker(CheckContext& context, NumberChecker& numbers, ChainChecker& chains)
      : context_(context), numbers_(numbers), chains_(chains) {}

  // `scope` has the names of settings, those that any scale of the file sets.
  void Check(const Scope& scope);

 private:
  // The settings that each part which a scale can replace uses.
  struct PartSettings {
    NameSet input;
    NameSet stem;
    NameSet head;
    NameSet auxiliary;
  };

  void CheckNetwork(const ast::NetworkDecl& network, Scope& scope, PartSettings& used);
  // What a network and a scale have in common.
  template <typename Decl>
  void CheckParts(const Decl& decl, const Scope& scope, PartSettings& used);
  void CheckInput(const ast::Input& input, const Scope& scope);
  void CheckStack(const ast::Stack& stack, const Scope& scope);
  void CheckSettings(const ast::ScaleDecl& scale, const NameSet& needed, const NameSet& anywhere,
                     bool warn, const Scope& settings);

  CheckContext& context_;
  NumberChecker& numbers_;
  ChainChecker& chains_;
};

}  // namespace nasc
