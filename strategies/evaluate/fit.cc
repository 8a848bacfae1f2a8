// Fits polynomial networks by least squares, node by node; nothing is trained by gradients.

#include "strategies/evaluate/fit.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/node_fit.h"

namespace nasc {
namespace {

// Adds the rows of a part, in their order.
absl::Status AddRows(const Task& task, Task::Part part, FitRows& rows) {
  const int64_t size = task.size(part);
  absl::StatusOr<Loader> loader =
      task.Evaluation(part, static_cast<int>(std::max<int64_t>(size, 1)));
  if (!loader.ok()) return loader.status();
  const FloatBatch batch = loader->Next();
  rows.features.resize(batch.features);
  for (int64_t row = 0; row < size; ++row) {
    for (int64_t j = 0; j < batch.features; ++j) {
      rows.features[j].push_back(batch.pixels[row * batch.features + j]);
    }
    rows.target.push_back(batch.targets[row]);
  }
  return absl::OkStatus();
}

// Of the rows from `from` to `to`.
double MeanSquaredError(const NetworkFit& network, const FitRows& rows, size_t from, size_t to) {
  double sum = 0;
  for (size_t i = from; i < to; ++i) sum += std::pow(network.told[i] - rows.target[i], 2);
  return sum / static_cast<double>(to - from);
}

double Variance(const std::vector<double>& values, size_t from, size_t to) {
  const auto count = static_cast<double>(to - from);
  double mean = 0;
  for (size_t i = from; i < to; ++i) mean += values[i] / count;
  double variance = 0;
  for (size_t i = from; i < to; ++i) variance += std::pow(values[i] - mean, 2) / count;
  return variance;
}

class FitEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options&) {
    if (context.task->input().outputs != 1) {
      return absl::InvalidArgumentError(
          "evaluate fit: it fits the one target of a regression: data table { target = "
          "\"column\"  regression = on }");
    }
    FitRows rows;
    absl::Status status = AddRows(*context.task, Task::Part::kSearch, rows);
    rows.fitted = rows.target.size();
    if (status.ok()) status = AddRows(*context.task, Task::Part::kValidation, rows);
    if (!status.ok()) return status;
    absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(context.supernet, std::move(rows));
    if (!fitter.ok()) return fitter.status();
    return std::unique_ptr<Evaluator>(new FitEvaluator(*std::move(fitter), *context.task));
  }

  const std::vector<std::string>& measures() const override { return measures_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const absl::StatusOr<NetworkFit> network = fitter_.Fit(evaluation.architecture);
    if (!network.ok()) return network.status();
    const FitRows& rows = fitter_.rows();
    const size_t fitted = rows.fitted;
    const size_t all = rows.target.size();
    const double validation_error = MeanSquaredError(*network, rows, fitted, all);
    values[0] = 1 - validation_error / Variance(rows.target, fitted, all);
    values[1] = std::sqrt(validation_error);
    values[2] =
        DescriptionLength(static_cast<int64_t>(fitted), MeanSquaredError(*network, rows, 0, fitted),
                          network->parameters());
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<WeightValues>> Weights(const ir::Graph& supernet,
                                                      const Architecture& architecture) override {
    FitRows rows;
    const absl::Status status = AddRows(task_, Task::Part::kTrain, rows);
    if (!status.ok()) return status;
    rows.fitted = rows.target.size();
    absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(supernet, std::move(rows));
    if (!fitter.ok()) return fitter.status();
    const absl::StatusOr<NetworkFit> network = fitter->Fit(architecture);
    if (!network.ok()) return network.status();
    WeightValues weights;
    for (const NetworkFit::Node& node : network->nodes) {
      const std::vector<ir::ParamId>& params = supernet.instruction(node.instruction).params;
      std::vector<double> slopes = node.fit.coefficients;
      weights[supernet.params[params[1]].name] = {slopes.back()};
      slopes.pop_back();
      weights[supernet.params[params[0]].name] = std::move(slopes);
    }
    return weights;
  }

 private:
  FitEvaluator(NodeFitter fitter, const Task& task) : fitter_(std::move(fitter)), task_(task) {}

  const std::vector<std::string> measures_ = {"r2", "error", "description_length"};
  NodeFitter fitter_;
  const Task& task_;
};

const EvaluatorRegistration registration(
    {"fit",
     "polynomial nodes are fitted by least squares, one after the other (Tenorio and Lee, NIPS "
     "1988)",
     {},
     /*takes_data=*/true,
     /*takes_steps=*/false,
     FitEvaluator::Make,
     /*gives_weights=*/true});

}  // namespace

double DescriptionLength(int64_t rows, double mean_squared_error, int64_t parameters) {
  const auto n = static_cast<double>(rows);
  const double error = std::max(mean_squared_error, 0x1p-48);
  return 0.5 * n * std::log(error) + 0.5 * static_cast<double>(parameters) * std::log(n);
}

}  // namespace nasc
