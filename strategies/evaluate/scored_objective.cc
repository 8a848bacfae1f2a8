#include "strategies/evaluate/scored_objective.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"

namespace nasc {

absl::StatusOr<ScoredObjective> ScoredObjective::Create(const Objective& objective, bool regression,
                                                        const MeasureContext& context) {
  Score score;
  score.regression = regression;
  std::vector<std::string> measures = {score.measure(), "loss"};
  std::vector<std::string> possible = measures;
  possible.insert(possible.end(), KnownMeasures().begin(), KnownMeasures().end());
  if (absl::Status known = objective.Bind(possible).status(); !known.ok()) return known;
  std::vector<std::string> asked;
  for (const std::string& name : objective.Names()) {
    if (!absl::c_linear_search(measures, name)) asked.push_back(name);
  }
  if (absl::c_linear_search(asked, "latency") && context.latency.Text("table").empty()) {
    return absl::InvalidArgumentError(
        "a one-shot search takes latencies from a table, as one that goes on could not measure the "
        "same again: make one with `nasc latency` and give latency { table = \"FILE\" }");
  }
  absl::StatusOr<std::vector<std::unique_ptr<Evaluator>>> costs = MakeMeasures(asked, context);
  if (!costs.ok()) return costs.status();
  for (const std::unique_ptr<Evaluator>& cost : *costs) {
    measures.insert(measures.end(), cost->measures().begin(), cost->measures().end());
  }
  absl::StatusOr<Objective> bound = objective.Bind(measures);
  if (!bound.ok()) return bound.status();
  return ScoredObjective(*std::move(bound), *std::move(costs));
}

absl::StatusOr<double> ScoredObjective::Of(const Architecture& architecture,
                                           const absl::StatusOr<Score>& score) {
  constexpr double kWorst = -std::numeric_limits<double>::infinity();
  if (absl::IsOutOfRange(score.status())) return kWorst;
  if (!score.ok()) return score.status();
  std::vector<double> values = {score->quality, score->loss};
  for (const std::unique_ptr<Evaluator>& cost : costs_) {
    std::vector<double> own(cost->measures().size());
    const absl::Status status = cost->Evaluate({architecture}, absl::MakeSpan(own));
    if (!status.ok()) return status;
    values.insert(values.end(), own.begin(), own.end());
  }
  const double value = objective_.Of(values);
  return std::isnan(value) ? kWorst : value;
}

}  // namespace nasc
