#pragma once

#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// The derivation of DARTS (Liu, Simonyan and Yang, ICLR 2019, section 2.4). `weights[d]` are the
// weights of the options of decision d; empty where no mixture asks for the decision: then a choice
// takes its first option. Of a choice between operations the one that weighs most is taken; an edge
// weighs as much as its best operation, and of a node's edges those that weigh most survive. Where
// a subset of edges has weights of its own, an edge weighs its weight times that of its best
// operation: the edge normalisation of PC-DARTS (Xu et al., ICLR 2020, section 3.3). What exists
// only while relaxed, such as `none`, is never taken and its weight compares with nothing. Where
// weights are equal the earlier option wins.
Architecture DeriveStrongest(const std::vector<ir::Decision>& decisions,
                             const std::vector<std::vector<double>>& weights);

}  // namespace nasc
