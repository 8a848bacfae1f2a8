#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/lower_chain.h"
#include "dsl/diagnostics.h"
#include "dsl/space.h"

namespace nasc {

// Lowers instances of cells into a graph.
class CellLowering {
 public:
  CellLowering(ir::Graph& graph, ChainLowering& chains, Diagnostics& diagnostics)
      : graph_(graph), chains_(chains), diagnostics_(diagnostics) {}

  // The cell that the step of a stack's rule names, after the outputs so far; the first cell takes
  // the stem for all of its inputs. `frame` has the path of the instance and the scale's numbers.
  // Nothing where an error has been reported.
  std::optional<ir::ValueId> Lower(const ast::Step& step, const std::vector<ir::ValueId>& outputs,
                                   Frame frame);

 private:
  using NamedValues = std::vector<std::pair<std::string, ir::ValueId>>;

  // Brings the inputs of a cell to its width and to the size of its last input.
  bool Adapt(const Cell& cell, NamedValues& inputs, const Frame& frame);

  std::optional<ir::ValueId> LowerNode(const Cell& cell, const ast::NodeDecl& node,
                                       const std::string& name, const NamedValues& earlier,
                                       size_t input_count, int64_t stride, const Frame& frame);

  // Says which candidate of which edge has a shape that most others have not, rather than that the
  // sum fails.
  bool EdgesMeet(const ir::Instruction& subset);

  const ir::Dim& Size(ir::ValueId value, int axis) const;

  ir::Graph& graph_;
  ChainLowering& chains_;
  Diagnostics& diagnostics_;
};

}  // namespace nasc
