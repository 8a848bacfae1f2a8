#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"

namespace nasc {

// A flat list of instructions over slots. A slot holds one tensor from the instruction that writes
// it to the last one that reads it, and is used again afterwards, so what is alive at every moment
// is known before anything runs.
struct ProgramStep {
  std::string name;  // of the instruction of the graph
  std::string op;    // of the table of primitives
  std::vector<int> inputs;
  int output = -1;
  std::vector<int> params;  // of Program::params
  int decision = -1;        // of Program::decisions
  std::vector<std::pair<std::string, std::variant<int64_t, double>>> attributes;
  std::vector<int64_t> shape;  // of the output; -1: the batch
  std::vector<int> frees;      // slots that nothing reads after this step
};

struct ProgramParam {
  std::string name;
  ir::Param::Role role = ir::Param::Role::kWeight;
  ir::Param::Init init = ir::Param::Init::kFanIn;
  int64_t fan_in = 0;
  std::vector<int64_t> shape;
};

// A tensor of logits that the strategy gives, one an option.
struct ProgramDecision {
  std::string path;
  int64_t options = 0;
};

struct ProgramResult {
  std::string name;
  int slot = -1;
  double loss_weight = 1;
};

struct Program {
  std::string space;
  std::string scale;
  std::vector<ProgramParam> params;
  std::vector<ProgramDecision> decisions;
  std::vector<ProgramStep> steps;
  std::vector<ProgramResult> results;  // their slots are never freed
  int slots = 0;
  std::vector<int64_t> input_shape;  // {-1, channels, height, width} or {-1, features}
};

// Error: a graph in which a decision is still open.
absl::StatusOr<Program> BuildProgram(const ir::Graph& graph);

// The program as text, an instruction a line.
std::string Print(const Program& program);

}  // namespace nasc
