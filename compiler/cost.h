#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What a graph costs, as functions of its decisions; constants where none is open. Each is a sum
// over the instructions that an architecture asks for.
struct CostTerms {
  ir::Dim weights = 0;      // trained numbers; buffers do not count
  ir::Dim macs = 0;         // multiply-accumulates of convolutions and linear layers, of one image
  ir::Dim activations = 0;  // bytes of float32 that all values of one image take
  // Which architectures ask for an instruction could not always be told: the sums are bounds.
  bool exact = true;
};

// `upper`: where it cannot be told who asks for an instruction, everybody does; otherwise nobody.
CostTerms CostTermsOf(const ir::Graph& graph, const std::vector<std::string>& results,
                      bool upper = true);

// What a graph without open decisions costs.
struct Cost {
  int64_t weights = 0;
  int64_t macs = 0;
  int64_t activations = 0;
};

// The cost of computing the named results; what only other results need does not count.
Cost CostOf(const ir::Graph& graph, const std::vector<std::string>& results);

// Of an instruction: its share of a cost, without asking who needs it. Weights that instructions
// share do not occur: every instruction has its own.
ir::Dim WeightsOf(const ir::Graph& graph, const ir::Instruction& instruction);
ir::Dim MacsOf(const ir::Graph& graph, const ir::Instruction& instruction);
ir::Dim ActivationsOf(const ir::Graph& graph, const ir::Instruction& instruction);

// Which architectures ask for each instruction in order to compute the named results. Where that
// depends on too much, everybody (`upper`) or nobody does, and `exact` becomes false.
std::vector<ir::Condition> NeedOf(const ir::Graph& graph, const std::vector<std::string>& results,
                                  bool upper, bool& exact);

// The graph that computes only the named results.
ir::Graph KeepResults(ir::Graph graph, const std::vector<std::string>& results);

}  // namespace nasc
