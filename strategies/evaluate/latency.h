#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "dsl/options.h"
#include "strategies/evaluate/evaluator.h"

namespace nasc {

// How a latency is measured: the median of so many passes of a batch, after as many that do not
// count as `warmup` says.
struct LatencyOptions {
  int64_t batch = 1;
  int64_t warmup = 3;
  int64_t runs = 11;
};

// The seconds that a program takes for a batch of noise, with fresh weights of the seed, as it is
// compiled for inference: on the threads, the device and the vector instructions of the process.
absl::StatusOr<double> MeasureLatency(const Program& program, const LatencyOptions& options,
                                      uint64_t seed);

// What an operation of a program is in a table of latencies: its name, the sizes that it takes and
// gives without the batch, and its attributes. Empty for what computes nothing in inference.
//
//   conv 16x32x32 -> 16x32x32 kernel=3 filters=16 stride=1 dilation=1 padding=1 bias=0 ...
//   sum 16x32x32 16x32x32 -> 16x32x32
std::string OperationKey(const Program& program, const ProgramStep& step);

// The seconds of that step alone. One that takes several values is computed by LibTorch's operator,
// all others as MeasureLatency does.
absl::StatusOr<double> MeasureOperation(const Program& program, const ProgramStep& step,
                                        const LatencyOptions& options, uint64_t seed);

// Seconds of operations: what an architecture takes is predicted as their sum, as ProxylessNAS
// (Cai, Zhu and Han, ICLR 2019, section 3.3) and FBNet predict it, here of the primitives rather
// than of blocks.
class LatencyTable {
 public:
  // A CSV or TSV file with the columns `operation`, a key, and `latency`, seconds; it may have
  // others. Errors begin with path and line: a column that is missing, a key a second time, a
  // latency that is no number or negative.
  static absl::StatusOr<LatencyTable> Read(const std::string& path);

  // NotFound, with the keys, where the table lacks operations of the program.
  absl::StatusOr<double> Of(const Program& program) const;

 private:
  std::string path_;
  absl::flat_hash_map<std::string, double> seconds_;
};

// The settings of the measure `latency`.
const std::vector<OptionSpec>& LatencyOptionSpecs();

// Measures `latency`, of an architecture once. Errors: those of LatencyTable::Read.
absl::StatusOr<std::unique_ptr<Evaluator>> MakeLatencyEvaluator(const ir::Graph& supernet,
                                                                const Options& options,
                                                                uint64_t seed);

}  // namespace nasc
