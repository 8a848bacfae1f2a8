#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"

namespace nasc {

// A tensor that a step makes, at most once. All sizes are known but that of the batch.
struct ProgramValue {
  enum class Kind {
    kActivation,  // in the type that the network computes in
    kStatistics,  // sums and coefficients a channel: float64, whatever the network computes in
    kScalar,      // a loss: one number, float64
  };
  std::vector<int64_t> shape;  // -1: the batch
  Kind kind = Kind::kActivation;
};

using ProgramAttribute = std::pair<std::string, std::variant<int64_t, double>>;

struct ProgramStep {
  std::string name;          // of the instruction of the graph that it stems from
  std::string op;            // of the table of primitives, or of compiler/program/steps.h
  std::vector<int> inputs;   // values; -1: one that this step has not
  std::vector<int> outputs;  // values; -1: one that nothing asks for
  std::vector<int> params;   // of Program::params
  int decision = -1;         // of Program::decisions
  std::vector<ProgramAttribute> attributes;
  std::vector<int> frees;  // values that nothing reads after this step
};

struct ProgramParam {
  std::string name;  // of the whole; several parts of it may be there
  ir::Param::Role role = ir::Param::Role::kWeight;
  ir::Param::Init init = ir::Param::Init::kFanIn;
  int64_t fan_in = 0;
  std::vector<int64_t> shape;
  std::vector<int64_t> whole = {};  // what it is a part of (see ir::Param); empty: of nothing
};

// A tensor of logits that the strategy gives, one an option.
struct ProgramDecision {
  std::string path;
  int64_t options = 0;
};

struct ProgramResult {
  std::string name;
  int value = -1;
  double loss_weight = 1;
};

// The gradient of the loss by a weight or the logits of a decision.
struct ProgramGradient {
  int of = -1;  // of Program::params or Program::decisions
  int value = -1;
};

// A flat list of steps. A value lives from the step that makes it to the last one that reads it, so
// what is alive at every moment is known before anything runs.
struct Program {
  std::string space;
  std::string scale;
  std::vector<ProgramParam> params;
  std::vector<ProgramDecision> decisions;
  std::vector<ProgramValue> values;
  std::vector<ProgramStep> steps;
  std::vector<ProgramResult> results;  // never freed, like what follows
  std::vector<int64_t> input_shape;    // {-1, channels, height, width} or {-1, features}
  // Of a program with a backward part:
  int loss = -1;
  std::vector<ProgramGradient> weight_gradients;
  std::vector<ProgramGradient> decision_gradients;
};

// Error: a graph in which a decision is still open.
absl::StatusOr<Program> BuildProgram(const ir::Graph& graph);

// Whether a step computes nothing: its value is the network's input, or the logits of a decision.
bool IsInput(const ProgramStep& step);
bool IsGiven(const ProgramStep& step);

// Sets when each value is freed.
void SetLifetimes(Program& program);

// Removes steps that no result, loss or gradient needs. Returns whether anything went.
bool RemoveDeadSteps(Program& program);

// Of an attribute that the step has.
int64_t Whole(const ProgramStep& step, absl::string_view name);
double Real(const ProgramStep& step, absl::string_view name);

// The program as text, a step a line.
std::string Print(const Program& program);

}  // namespace nasc
