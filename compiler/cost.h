#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// What a graph costs, as functions of its decisions; constants where none is open. Each is a sum
// over the instructions that an architecture asks for, whose terms may share decisions.
struct CostTerms {
  ir::Dim weights = 0;      // trained numbers; buffers do not count
  ir::Dim macs = 0;         // multiply-accumulates of convolutions and linear layers, of one image
  ir::Dim activations = 0;  // bytes of float32 that all values of one image take
  // Which architectures ask for an instruction could not always be told; then more of them count,
  // and the sums are upper bounds.
  bool exact = true;
};

// The cost of computing the named results; what only other results need does not count.
// It is told which architectures ask for an instruction if that takes at most so many nodes.
CostTerms CostTermsOf(const ir::Graph& graph, const std::vector<std::string>& results,
                      size_t most_nodes = ir::kMostNodes);

// What a graph without open decisions costs.
struct Cost {
  int64_t weights = 0;
  int64_t macs = 0;
  int64_t activations = 0;
};

// The same for such a graph.
Cost CostOf(const ir::Graph& graph, const std::vector<std::string>& results);

// The share of one instruction of it.
Cost ShareOf(const ir::Graph& graph, const ir::Instruction& instruction);

// What architectures cost, one by one: quicker than the cost of the graph that each becomes.
class CostMeter {
 public:
  CostMeter(const ir::Graph& graph, const std::vector<std::string>& results);
  Cost Of(const Architecture& architecture) const;
  // What every architecture costs at least: the dearest way to a result of the cheapest choices.
  Cost AtLeast() const;

 private:
  int64_t AtLeast(ir::Dim CostTerms::*figure) const;

  const ir::Graph& graph_;
  std::vector<ir::ValueId> results_;
  std::vector<CostTerms> costs_;  // by instruction
};

// The graph that computes only the named results.
ir::Graph KeepResults(ir::Graph graph, const std::vector<std::string>& results);

}  // namespace nasc
