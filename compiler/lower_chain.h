#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/evaluate.h"
#include "compiler/ir/graph.h"
#include "compiler/primitives.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"

namespace nasc {

// What a chain means depends on where it stands.
struct Frame {
  const Module* module = nullptr;  // where names are looked up
  Numbers numbers;                 // parameters, arguments, stride, filters, in_filters
  Numbers outside;                 // the numbers outside of every operation: what a callee sees
  std::map<std::string, ir::ValueId> values;  // `let` names
  std::string path;              // names values and weights: "stage0.cell0.normal.n0.prev"
  std::string decision_path;     // names decisions, which instances share: "normal.n0.prev"
  ir::DecisionId decision = -1;  // what `relaxed` asks about; -1: no decision encloses this
  std::optional<bool> relaxed;   // inside a branch that only one of the two takes
  ir::DecisionId parent = -1;    // decisions here are alive where this option is taken
  int parent_option = -1;
  // Where calls that led here stand, outermost first, for notes.
  std::vector<std::pair<std::string, Location>> calls;
};

// Lowers chains into a graph. Each function gives nothing where an error has been reported.
class ChainLowering {
 public:
  ChainLowering(ir::Graph& graph, Diagnostics& diagnostics)
      : graph_(graph), diagnostics_(diagnostics) {}

  // Scale settings that the compiler itself reads.
  void set_settings(Numbers settings) { settings_ = std::move(settings); }

  // Applies a definition's chain to a value. A chain of a single call adds no label of its own, so
  // that `sep_conv_3x3 = sep_conv(3)` names its weights sep_conv_3x3.conv1.weight.
  std::optional<ir::ValueId> Lower(const ast::Chain& chain, ir::ValueId value, const Frame& frame);

  // Adds an instruction of the table, infers its type and makes its params. The attributes must be
  // complete.
  std::optional<ir::ValueId> Add(ir::Instruction instruction, const Frame& frame);

  // Adds a combiner over values.
  std::optional<ir::ValueId> Combine(const std::string& combiner, std::vector<ir::ValueId> operands,
                                     const std::string& name, const Location& location,
                                     const Frame& frame);

  // The decision of that path. A second instance of a cell shares the first one's decisions.
  // Nothing where the two differ, which is reported.
  std::optional<ir::DecisionId> FindOrAddDecision(ir::Decision decision, const Frame& frame);

 private:
  std::optional<ir::ValueId> LowerSteps(const ast::Chain& chain, ir::ValueId value,
                                        const Frame& frame, bool alone);
  std::optional<ir::ValueId> LowerStep(const ast::Step& step, ir::ValueId value, const Frame& frame,
                                       bool alone);
  std::optional<ir::ValueId> LowerWhen(const ast::Step& step, ir::ValueId value, const Frame& frame,
                                       bool alone);
  std::optional<ir::ValueId> LowerOneOf(const ast::Step& step, ir::ValueId value,
                                        const Frame& frame, bool alone);
  std::optional<ir::ValueId> LowerCandidate(const ast::Candidate& candidate, const Module& module,
                                            ir::ValueId value, const Frame& frame);
  std::optional<ir::ValueId> LowerCall(const ast::Step& step, ir::ValueId value, const Frame& frame,
                                       bool alone);
  std::optional<ir::ValueId> LowerOp(const ast::OpDecl& op, const Module& module,
                                     const ast::Step& step, ir::ValueId value, const Frame& frame,
                                     bool alone);
  std::optional<ir::ValueId> LowerPrimitive(const Primitive& primitive, const ast::Step& step,
                                            ir::ValueId value, const Frame& frame);
  std::optional<std::vector<ir::Attribute>> LowerAttributes(const Primitive& primitive,
                                                            const ast::Step& step,
                                                            const Frame& frame);

  // Sets `in_filters` to the width of what an operation or a candidate is given.
  void SetInFilters(ir::ValueId value, Frame& frame) const;

  // Parameters by name from positional and named arguments.
  std::optional<Numbers> Arguments(const std::vector<std::string>& params, const ast::Step& step,
                                   const Frame& frame);

  // Whether a condition holds; if that depends on `relaxed`, both answers.
  struct Cases {
    bool relaxed = false;
    bool fixed = false;
  };
  std::optional<Cases> Condition(const ast::Expr& expr, const Frame& frame);

  std::optional<ir::ValueId> DropPath(ir::ValueId value, const Location& location,
                                      const Frame& frame);
  void ReportShape(absl::string_view message, const Location& location, const Frame& frame);

  ir::Graph& graph_;
  Diagnostics& diagnostics_;
  Numbers settings_;
};

// "stem" and "conv1" as "stem.conv1"; an empty part adds nothing.
std::string JoinPath(absl::string_view path, absl::string_view label);

}  // namespace nasc
