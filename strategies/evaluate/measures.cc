#include "strategies/evaluate/measures.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "compiler/cost.h"
#include "compiler/passes/pass.h"
#include "compiler/program/memory.h"
#include "strategies/evaluate/latency.h"
#include "strategies/final_training.h"

namespace nasc {
namespace {

constexpr char kMemory[] = "memory";
constexpr char kLatency[] = "latency";

struct CostMeasure {
  const char* name;
  int64_t (*of)(const Cost& cost);
};
constexpr CostMeasure kCosts[] = {
    {"weights", [](const Cost& cost) { return cost.weights; }},
    {"macs", [](const Cost& cost) { return cost.macs; }},
    {"flops", [](const Cost& cost) { return 2 * cost.macs; }},
    {"activations", [](const Cost& cost) { return cost.activations; }},
};

// Those of the names that are counted, in the order of the table.
class CostEvaluator : public Evaluator {
 public:
  CostEvaluator(const std::vector<std::string>& names, const ir::Graph& supernet)
      : meter_(supernet, {"logits"}) {
    for (const CostMeasure& measure : kCosts) {
      if (!absl::c_linear_search(names, measure.name)) continue;
      names_.emplace_back(measure.name);
      costs_.push_back(&measure);
    }
  }

  const std::vector<std::string>& measures() const override { return names_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const Cost cost = meter_.Of(evaluation.architecture);
    for (size_t i = 0; i < costs_.size(); ++i) values[i] = static_cast<double>(costs_[i]->of(cost));
    return absl::OkStatus();
  }

 private:
  CostMeter meter_;
  std::vector<std::string> names_;
  std::vector<const CostMeasure*> costs_;
};

class MemoryEvaluator : public Evaluator {
 public:
  explicit MemoryEvaluator(const ir::Graph& supernet) : supernet_(supernet) {}

  const std::vector<std::string>& measures() const override { return names_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    absl::StatusOr<Program> program = InferenceProgram(supernet_, evaluation.architecture);
    if (!program.ok()) return program.status();
    StepOptions options;
    options.training = false;
    options.passes = *PassesNamed("all");
    const Program compiled = CompileStep(*std::move(program), options);
    values[0] = static_cast<double>(PeakOf(compiled, MemoryOptions{}).bytes);
    return absl::OkStatus();
  }

 private:
  const ir::Graph& supernet_;
  const std::vector<std::string> names_ = {kMemory};
};

}  // namespace

const std::vector<std::string>& KnownMeasures() {
  static const auto* const known = [] {
    auto* names = new std::vector<std::string>;
    for (const CostMeasure& measure : kCosts) names->emplace_back(measure.name);
    names->emplace_back(kMemory);
    names->emplace_back(kLatency);
    return names;
  }();
  return *known;
}

absl::StatusOr<std::vector<std::unique_ptr<Evaluator>>> MakeMeasures(
    const std::vector<std::string>& names, const MeasureContext& context) {
  std::vector<std::unique_ptr<Evaluator>> made;
  auto costs = std::make_unique<CostEvaluator>(names, context.supernet);
  if (!costs->measures().empty()) made.push_back(std::move(costs));
  if (absl::c_linear_search(names, kMemory)) {
    made.push_back(std::make_unique<MemoryEvaluator>(context.supernet));
  }
  if (absl::c_linear_search(names, kLatency)) {
    absl::StatusOr<std::unique_ptr<Evaluator>> latency =
        MakeLatencyEvaluator(context.supernet, context.latency, context.seed);
    if (!latency.ok()) return latency.status();
    made.push_back(*std::move(latency));
  }
  return made;
}

}  // namespace nasc
