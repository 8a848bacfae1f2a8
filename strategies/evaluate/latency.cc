#include "strategies/evaluate/latency.h"

#include <utility>

#include "strategies/final_training.h"

namespace nasc {
namespace {

class LatencyEvaluator : public Evaluator {
 public:
  LatencyEvaluator(const ir::Graph& supernet, const LatencyOptions& options, uint64_t seed)
      : supernet_(supernet), options_(options), seed_(seed) {}

  void Use(LatencyTable table) { table_ = std::make_unique<LatencyTable>(std::move(table)); }

  const std::vector<std::string>& measures() const override { return names_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const auto known = known_.find(evaluation.architecture);
    if (known != known_.end()) {
      values[0] = known->second;
      return absl::OkStatus();
    }
    absl::StatusOr<Program> program = InferenceProgram(supernet_, evaluation.architecture);
    if (!program.ok()) return program.status();
    const absl::StatusOr<double> seconds =
        table_ != nullptr ? table_->Of(*program) : MeasureLatency(*program, options_, seed_);
    if (!seconds.ok()) return seconds.status();
    values[0] = known_[evaluation.architecture] = *seconds;
    return absl::OkStatus();
  }

 private:
  const ir::Graph& supernet_;
  const LatencyOptions options_;
  const uint64_t seed_;
  const std::vector<std::string> names_ = {"latency"};
  std::unique_ptr<LatencyTable> table_;  // nullptr: measured
  absl::flat_hash_map<Architecture, double> known_;
};

}  // namespace

const std::vector<OptionSpec>& LatencyOptionSpecs() {
  using Kind = OptionSpec::Kind;
  static const auto* const specs = new std::vector<OptionSpec>{
      {"table", Kind::kText, 0, 0, 0, "",
       "a CSV or TSV file of the latencies of operations, see `nasc latency`; else this machine is "
       "measured"},
      {"batch", Kind::kWhole, 1, 1, 65536, "", "inputs that are computed at a time"},
      {"warmup", Kind::kWhole, 3, 0, 1e6, "", "passes before those that count"},
      {"runs", Kind::kWhole, 11, 1, 1e6, "", "passes, of which the median counts"},
  };
  return *specs;
}

absl::StatusOr<std::unique_ptr<Evaluator>> MakeLatencyEvaluator(const ir::Graph& supernet,
                                                                const Options& options,
                                                                uint64_t seed) {
  LatencyOptions how;
  how.batch = options.Whole("batch");
  how.warmup = options.Whole("warmup");
  how.runs = options.Whole("runs");
  auto made = std::make_unique<LatencyEvaluator>(supernet, how, seed);
  const std::string& path = options.Text("table");
  if (path.empty()) return made;
  absl::StatusOr<LatencyTable> table = LatencyTable::Read(path);
  if (!table.ok()) return table.status();
  made->Use(*std::move(table));
  return made;
}

}  // namespace nasc
