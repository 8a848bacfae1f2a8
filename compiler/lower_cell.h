#pragma once

#include <map>
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

  // The cell that a step names, after the outputs so far; the first cell takes the stem for all of
  // its inputs. `frame` has the path of the instance and the scale's numbers. Nothing where an
  // error has been reported.
  std::optional<ir::ValueId> Lower(const ast::Step& step, const std::vector<ir::ValueId>& outputs,
                                   Frame frame);

 private:
  // A value of a cell that nodes can take.
  struct CellValue {
    std::string name;
    ir::ValueId value = -1;
    std::string family;  // of nodes; empty for inputs
    ir::Condition alive = ir::Condition(true);
    bool input = false;
  };

  // Which later node takes a value, and for which architectures.
  struct Taken {
    size_t value = 0;  // index into Instance::values
    ir::Condition when;
  };

  // What is known while a cell is built.
  struct Instance {
    const Cell& cell;
    Frame frame;
    int64_t stride = 1;
    std::vector<CellValue> values;  // inputs, then nodes
    std::vector<Taken> taken;
  };

  // An input of a node: its name, and the value that it takes.
  struct Source {
    std::string name;
    size_t index = 0;
  };

  bool AddInputs(const std::vector<ir::ValueId>& outputs, Instance& instance);
  // Brings the inputs of a cell to its width and to the size of its last input.
  bool Adapt(Instance& instance);
  bool SetWidth(const ast::Step& step, Frame& frame);

  bool LowerFamily(const ast::NodeDecl& node, Instance& instance);
  std::optional<ir::ValueId> LowerNode(const ast::NodeDecl& node, const std::string& name,
                                       Instance& instance, Frame frame);
  std::vector<Source> SourcesOf(const ast::Source& source, const Instance& instance) const;

  // --- inputs of nodes (lower_edges.cc) ---
  std::optional<ir::ValueId> LowerEdges(const ast::NodeDecl& node, const std::string& name,
                                        Instance& instance, const Frame& frame);
  std::optional<ir::ValueId> LowerSlots(const ast::NodeDecl& node, const std::string& name,
                                        Instance& instance, Frame& frame);
  // One value through the operation of an edge or a slot.
  std::optional<ir::ValueId> LowerEdge(const std::optional<ast::Chain>& operation,
                                       const Source& source, const std::string& path,
                                       const std::string& decision_path, const Instance& instance,
                                       const Frame& frame);
  // `merge sum`, `merge one of { sum concat }`: combine(combiner, name) for each combiner.
  using CombineRule = std::function<std::optional<ir::ValueId>(const std::string& combiner,
                                                               const std::string& name)>;
  std::optional<ir::ValueId> Merge(const ast::Chain& merge, const std::string& path,
                                   const std::string& decision_path, const Frame& frame,
                                   const CombineRule& combine);
  // Says which candidate of which edge has a shape that most others have not, rather than that the
  // sum fails.
  bool EdgesMeet(const ir::Instruction& merged);
  // Zeros of a type, made from an input of the cell; for architectures that take no edge.
  std::optional<ir::ValueId> Zeros(ir::TensorType type, const std::string& name,
                                   const Instance& instance, const Location& location,
                                   const Frame& frame);

  // --- outputs (lower_output.cc) ---
  std::optional<ir::ValueId> LowerOutput(Instance& instance);
  std::optional<ir::ValueId> LowerOutputStep(const ast::Step& step, Instance& instance);
  // A value and for which architectures it is part of the output.
  struct Part {
    size_t index = 0;
    ir::Condition when;
  };
  std::optional<std::vector<Part>> PartsOf(const std::string& name, const Location& location,
                                           const Instance& instance);
  std::optional<ir::Condition> Loose(size_t index, const Location& location,
                                     const Instance& instance);

  const ir::Dim& Size(ir::ValueId value, int axis) const;

  ir::Graph& graph_;
  ChainLowering& chains_;
  Diagnostics& diagnostics_;
};

}  // namespace nasc
