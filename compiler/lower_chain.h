#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/evaluate.h"
#include "compiler/ir/graph.h"
#include "compiler/primitives.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"

namespace nasc {

// A call of an operation, inside of another one's where `outer` is one.
struct OpCall {
  std::string op;
  Location location;
  std::shared_ptr<const OpCall> outer;
  size_t depth = 1;
};

// What a chain means depends on where it stands.
struct Frame {
  const Module* module = nullptr;  // where names are looked up
  Numbers numbers;                 // parameters, arguments, stride, filters, in_filters, choices
  Numbers outside;                 // the numbers outside of every operation: what a callee sees
  std::map<std::string, ir::ValueId> values;  // `let` names, slots, arguments that are values
  std::string path;              // names values and weights: "stage0.cell0.normal.n0.prev"
  std::string decision_path;     // names decisions, which instances share: "normal.n0.prev"
  ir::DecisionId decision = -1;  // what `relaxed` asks about; -1: no decision encloses this
  std::optional<bool> relaxed;   // inside a branch that only one of the two takes
  ir::Condition alive = ir::Condition(true);  // which architectures ask for what stands here
  std::shared_ptr<const OpCall> call;         // the innermost that led here
};

// Lowers chains into a graph. Each function gives nothing where an error has been reported.
class ChainLowering {
 public:
  // How a cell that a chain calls is lowered.
  using CellRule =
      std::function<std::optional<ir::ValueId>(const ast::Step&, ir::ValueId, const Frame&)>;

  ChainLowering(ir::Graph& graph, Diagnostics& diagnostics)
      : graph_(graph), diagnostics_(diagnostics), evaluator_(graph.decisions, diagnostics) {}

  // Scale settings that the compiler itself reads.
  void set_settings(Numbers settings) { settings_ = std::move(settings); }

  void set_cell_rule(CellRule rule) { cell_rule_ = std::move(rule); }

  Evaluator& evaluator() { return evaluator_; }

  // Applies a definition's chain to a value. A chain of a single call adds no label of its own, so
  // that `sep_conv_3x3 = sep_conv(3)` names its weights sep_conv_3x3.conv1.weight.
  std::optional<ir::ValueId> Lower(const ast::Chain& chain, ir::ValueId value, Frame frame);

  // The same for the body of a network, in which `with` changes numbers from its step on.
  std::optional<ir::ValueId> LowerBody(const ast::Chain& chain, ir::ValueId value, Frame frame);

  // Adds an instruction of the table, infers its type and makes its params. The attributes must be
  // complete.
  std::optional<ir::ValueId> Add(ir::Instruction instruction, const Frame& frame);

  // Adds a combiner over values.
  std::optional<ir::ValueId> Combine(const std::string& combiner, std::vector<ir::ValueId> operands,
                                     const std::string& name, const Location& location,
                                     const Frame& frame);

  // Adds the choice between labelled values that an index makes.
  std::optional<ir::ValueId> AddSwitch(const ir::Dim& index, std::vector<std::string> labels,
                                       std::vector<ir::ValueId> operands, const std::string& name,
                                       const Location& location, const Frame& frame);

  // The decision of that path, alive where the frame is. A second instance of a cell shares the
  // first one's decisions. Nothing where the two differ, which is reported.
  std::optional<ir::DecisionId> FindOrAddDecision(ir::Decision decision, const Frame& frame);

  // Makes the decisions of `choose`, and their names numbers of the frame.
  bool LowerChooses(const std::vector<const ast::Choose*>& chooses, Frame& frame);

  // Changes numbers as `with` says: `*=` from here on, `=` here alone.
  bool Assign(const std::vector<ast::Assign>& assigns, Frame& from_here_on, Frame& here);

  // The frame where a condition holds as well, and a value as it is there. `name` is for the
  // instruction that says so, where one is needed. Nothing where it depends on too much.
  std::optional<Frame> Under(const ir::Condition& condition, const std::string& name,
                             ir::ValueId& value, const Location& location, const Frame& frame);

  // The conjunction, reported where it depends on too many decisions.
  std::optional<ir::Condition> Both(const ir::Condition& a, const ir::Condition& b,
                                    const Location& location);

  // Where the frame is asked for and an option of a decision is taken. Instances of a cell ask for
  // the same again and again.
  std::optional<ir::Condition> Taking(const ir::Decision& decision, ir::DecisionId id,
                                      size_t option, const Location& location, const Frame& frame);

  void ReportShape(const absl::Status& status, const Location& location, const Frame& frame);

 private:
  std::optional<ir::ValueId> LowerSteps(const ast::Chain& chain, ir::ValueId value, Frame& frame,
                                        bool alone);
  std::optional<ir::ValueId> LowerStep(const ast::Step& step, ir::ValueId value, Frame& frame,
                                       bool alone);

  // --- decisions (lower_choice.cc) ---
  std::optional<ir::ValueId> LowerWhen(const ast::Step& step, ir::ValueId value, Frame& frame,
                                       bool alone);
  std::optional<ir::ValueId> LowerRepeat(const ast::Step& step, ir::ValueId value, Frame& frame);
  std::optional<ir::ValueId> LowerOneOf(const ast::Step& step, ir::ValueId value,
                                        const Frame& frame, bool alone);
  std::optional<ir::ValueId> LowerNewDecision(const ast::Step& step,
                                              const std::vector<ast::Candidate>& candidates,
                                              ir::ValueId value, const Frame& inner,
                                              const Frame& frame, bool alone);
  std::optional<ir::ValueId> LowerChosen(const ast::Step& step, const NumberDiagram& chosen,
                                         ir::ValueId value, const Frame& frame, bool alone);
  std::optional<ir::ValueId> LowerCandidate(const ast::Candidate& candidate, ir::ValueId value,
                                            const Frame& frame);
  bool LowerChoose(const ast::Choose& choose, Frame& frame);

  // Whether a condition holds, with the decision around it relaxed and fixed.
  struct Cases {
    ir::Condition relaxed;
    ir::Condition fixed;
  };
  std::optional<Cases> EvaluateCases(const ast::Expr& expr, const Frame& frame);

  std::optional<ir::ValueId> DropPath(ir::ValueId value, const Location& location,
                                      const Frame& frame);

  // --- calls (lower_call.cc) ---
  std::optional<ir::ValueId> LowerCall(const ast::Step& step, ir::ValueId value, Frame& frame,
                                       bool alone);
  std::optional<ir::ValueId> LowerOp(const ast::OpDecl& op, const Module& module,
                                     const ast::Step& step, ir::ValueId value, const Frame& frame,
                                     bool alone);
  std::optional<ir::ValueId> LowerCombiner(const Primitive& primitive, const ast::Step& step,
                                           ir::ValueId value, const Frame& frame);
  std::optional<ir::ValueId> LowerPrimitive(const Primitive& primitive, const ast::Step& step,
                                            ir::ValueId value, const Frame& frame);
  std::optional<std::vector<ir::Attribute>> LowerAttributes(const Primitive& primitive,
                                                            const ast::Step& step,
                                                            const Frame& frame);
  // The numbers of the first attributes in a primitive's table. Defaults depend on earlier ones.
  struct FirstAttributes {
    const Primitive& primitive;
    std::vector<NumberDiagram> numbers;

    const NumberDiagram* Find(absl::string_view name) const;
  };
  std::optional<NumberDiagram> DefaultOf(const AttributeSpec& spec, const FirstAttributes& first,
                                         const ast::Step& step, const Frame& frame);
  std::optional<ir::AttributeValue> AttributeOf(const AttributeSpec& spec,
                                                const NumberDiagram& number,
                                                const Primitive& primitive, const ast::Step& step);

  // Arguments by name from positional and named ones: numbers, and values where an argument names
  // or computes one.
  struct Arguments {
    Numbers numbers;
    std::map<std::string, ir::ValueId> values;
  };
  std::optional<Arguments> Bind(const std::vector<absl::string_view>& params, const ast::Step& step,
                                ir::ValueId value, const Frame& frame);
  bool BindOne(const std::string& name, const ast::Arg& arg, const std::string& label,
               ir::ValueId value, const Frame& frame, Arguments& arguments);
  // Defaults for the parameters that no argument gives.
  bool BindDefaults(const std::vector<ast::Param>& params, Frame& inner, const Arguments& given);

  // Sets `in_filters` to the width of what an operation or a candidate is given.
  void SetInFilters(ir::ValueId value, Frame& frame) const;

  ir::Graph& graph_;
  Diagnostics& diagnostics_;
  Evaluator evaluator_;
  Numbers settings_;
  CellRule cell_rule_;
  absl::flat_hash_map<std::string, ir::DecisionId> decision_of_path_;
  struct Taken {
    ir::Condition alive;  // held, so that its identity stays its own
    ir::Condition both;
  };
  absl::flat_hash_map<std::tuple<const void*, ir::DecisionId, size_t>, Taken> taken_;
};

// "stem" and "conv1" as "stem.conv1"; an empty part adds nothing.
std::string JoinPath(absl::string_view path, absl::string_view label);

}  // namespace nasc
