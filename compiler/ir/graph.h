#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/ir/dim.h"
#include "dsl/source.h"

// The supernet as a graph of typed values in static single assignment. A decision is an instruction
// like any other, so a pass sees every architecture of the space at once. The text form is
// described in docs/ir.md; printer.h and parser.h convert.
namespace nasc::ir {

// Elements are reals; whether a program computes in float32 or float64 is the runtime's choice.
struct TensorType {
  std::vector<Dim> dims;

  friend bool operator==(const TensorType& a, const TensorType& b) { return a.dims == b.dims; }
  friend bool operator!=(const TensorType& a, const TensorType& b) { return !(a == b); }
};

// Whether two types are equal for every architecture that asks for both. Where not, `failed` is one
// that has unlike ones, where any has equal ones.
bool Agree(const TensorType& a, const TensorType& b, Assignment* failed = nullptr);

// What the search may choose.
struct Decision {
  enum class Kind {
    kOne,   // one of the options
    kSome,  // `least` to `most` of the options, in no order
  };
  std::string path;  // "normal.n0.prev.op": stable across scales and versions
  Kind kind = Kind::kOne;
  int least = 1;
  int most = 1;
  std::vector<std::string> options;
  std::vector<bool> relaxed_only;  // an option that competes while relaxed, is never in a result
  // Whether the decision counts, by the decisions before it: where it does not, an architecture has
  // no value for it.
  Condition alive = Condition(true);
  Location location;
};

// The variable of a diagram that says whether `option` of the decision is taken, and the branch
// where it is.
Variable VariableOf(const Decision& decision, DecisionId id, int option);
int BranchOf(const Decision& decision, int option);
// Where that option is taken.
Condition Takes(const Decision& decision, DecisionId id, int option);

// "normal.n0.prev.op", "normal.n0.edges{prev}"; "?" for what does not exist.
std::string NameOf(const Variable& variable, const std::vector<Decision>& decisions);

// "normal.n0.prev.op = pool", "normal.n0.edges takes prev", joined by commas.
std::string Describe(const Assignment& assignment, const std::vector<Decision>& decisions);

// A tensor that outlives a step.
struct Param {
  enum class Role {
    kWeight,  // trained
    kBuffer,  // updated by the forward pass, such as running statistics
  };
  enum class Init {
    kFanIn,  // uniform in +-1/sqrt(fan in): what the reference codes' layers start with
    kZeros,
    kOnes,
  };
  std::string name;  // "stage1.cell0.normal.n0.prev.sep_conv_3x3.conv1.weight": by structure
  Role role = Role::kWeight;
  Init init = Init::kFanIn;
  int64_t fan_in = 0;  // kFanIn
  TensorType type;
  // Where decisions that change the shape are relaxed: the tensor that holds this one and those of
  // other options. Without dims: it is not a part.
  TensorType whole = {};
  std::string whole_name = {};  // where several parts of it are in one graph; else it has the name
};

using ValueId = int;  // index of the instruction that gives the value
using ParamId = int;

// Whole numbers may depend on decisions; a rate is a real.
using AttributeValue = std::variant<Dim, double>;
struct Attribute {
  std::string name;
  AttributeValue value;
};

// One operation of the table in compiler/primitives.h.
struct Instruction {
  std::string name;  // "stage0.cell0.normal.n0": unique, by structure
  std::string op;    // "conv", "select", ...
  std::vector<ValueId> operands;
  // One an operand where operands are options of `decision` (select, subset), cases (when_relaxed:
  // relaxed, fixed), or what an index picks from (switch); otherwise empty. A subset may have two
  // more operands: `and`, which is always taken, and `else`, taken where no option is.
  std::vector<std::string> labels;
  std::vector<ParamId> params;
  DecisionId decision = -1;
  std::string combiner;  // of a subset: how the taken operands become one value
  std::vector<Attribute> attributes;
  TensorType type;
  Location location;
};

struct Result {
  std::string name;  // "logits", "auxiliary"
  ValueId value = -1;
  double loss_weight = 1;
};

// What an architecture of the space fulfils: a number from `least` to `most`.
struct Constraint {
  std::string text;  // as it was written
  Dim value;
  int64_t least = 0;
  int64_t most = 0;
  Location location;
};

struct Graph {
  std::string space;
  std::string version;
  std::string scale;
  std::vector<Decision> decisions;
  std::vector<Constraint> constraints;
  std::vector<Param> params;
  std::vector<Instruction> instructions;  // operands precede their users
  std::vector<Result> results;

  const Instruction& instruction(ValueId id) const { return instructions[id]; }
};

// The value of an attribute, or nullptr.
const AttributeValue* FindAttribute(const Instruction& instruction, absl::string_view name);

// A whole-number attribute that no decision changes. The attribute must be there.
int64_t WholeAttribute(const Instruction& instruction, absl::string_view name);
double RealAttribute(const Instruction& instruction, absl::string_view name);

// Removes instructions that no result needs, and params that no instruction names. Returns whether
// anything went. Decisions stay.
bool RemoveDead(Graph& graph);

}  // namespace nasc::ir
