#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "dsl/options.h"
#include "strategies/evaluate/evaluator.h"

namespace nasc {

// What every objective may name, whatever evaluates a search: what an architecture costs. All are
// of the inference program at the scale of the search, of one input:
//
//   weights      trained numbers
//   macs         multiply-accumulates of convolutions and linear layers
//   flops        2 x macs: a multiplication and an addition
//   activations  bytes of float32 that all values take
//   memory       the most bytes that are held at a time beside the input and the weights, as
//   planned latency      seconds of one pass of a batch: see latency.h
struct MeasureContext {
  const ir::Graph& supernet;  // outlives what is made
  const Options& latency;     // of LatencyOptionSpecs
  uint64_t seed = 0;
};

const std::vector<std::string>& KnownMeasures();

// Evaluators of those names that are known measures; what is not asked for is not measured. Errors:
// those of MakeLatencyEvaluator.
absl::StatusOr<std::vector<std::unique_ptr<Evaluator>>> MakeMeasures(
    const std::vector<std::string>& names, const MeasureContext& context);

}  // namespace nasc
