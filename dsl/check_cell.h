#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "dsl/ast.h"
#include "dsl/check_chain.h"
#include "dsl/check_context.h"
#include "dsl/check_number.h"
#include "dsl/scope.h"

namespace nasc {

// The values of a cell that its nodes and its output may name.
class CellValues {
 public:
  void AddInput(const ast::Identifier& input) { inputs_.insert(input.text); }
  void AddNode(const ast::NodeDecl& node) { nodes_[node.name.text] = &node; }

  bool IsInput(absl::string_view name) const { return inputs_.contains(name); }
  // A family, or one node of it: `n`, `n0`.
  bool IsNode(absl::string_view name) const;

  std::vector<std::string> Names() const;
  std::vector<std::string> NodeNames() const;

 private:
  absl::flat_hash_set<absl::string_view> inputs_;
  absl::flat_hash_map<absl::string_view, const ast::NodeDecl*> nodes_;
};

// Checks the cells of a file.
class CellChecker {
 public:
  CellChecker(CheckContext& context, NumberChecker& numbers, ChainChecker& chains)
      : context_(context), numbers_(numbers), chains_(chains) {}

  void Check(const ast::CellDecl& cell, const Scope& scope);

 private:
  // The parts of a cell, its own or those of the cell that it is like.
  struct Parts {
    const ast::CellDecl* inputs = nullptr;
    const ast::CellDecl* nodes = nullptr;
    const ast::CellDecl* chooses = nullptr;
    const ast::CellDecl* output = nullptr;
    const ast::CellDecl* adapt = nullptr;
  };

  bool FindParts(const ast::CellDecl& cell, Parts& parts);
  void CheckInputs(const ast::CellDecl& cell, const Parts& parts);
  void CheckInherited(const ast::CellDecl& cell, const Parts& parts);
  void CheckNode(const ast::NodeDecl& node, const Scope& scope, CellValues& values);
  void CheckEdges(const ast::NodeDecl& node, const Scope& scope, const CellValues& values);
  void CheckSlots(const ast::NodeDecl& node, const Scope& scope, const CellValues& values);
  void CheckSource(const ast::Source& source, const CellValues& values, const ast::NodeDecl& node);
  void CheckSourceName(const ast::Identifier& name, const CellValues& values,
                       const ast::NodeDecl* own);
  void CheckMerge(const ast::NodeDecl& node);
  void CheckOutput(const ast::Chain& chain, const CellValues& values);
  // Whether the chain is a combiner's name, or a choice between such.
  bool IsCombiner(const ast::Chain& chain) const;
  // The call of a combiner that the chain is; nullptr if it is none.
  const ast::Step* CombinerCall(const ast::Chain& chain) const;
  std::vector<std::string> Combiners() const;

  // The inputs that the nodes of a cell name, for cells that have its nodes and inputs of their
  // own.
  const std::vector<const ast::Identifier*>& InputsNamedBy(const ast::CellDecl& nodes);

  CheckContext& context_;
  NumberChecker& numbers_;
  ChainChecker& chains_;
  absl::flat_hash_map<const ast::CellDecl*, std::vector<const ast::Identifier*>> named_inputs_;
};

}  // namespace nasc
