#include "strategies/learn/predictor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/algorithm/container.h"

namespace nasc {
namespace {

constexpr double kFar = 3;  // median distances from the median

double Median(std::vector<double> values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::vector<double> StandardisedValues(const std::vector<Example>& examples) {
  std::vector<double> finite;
  for (const Example& example : examples) {
    if (std::isfinite(example.value)) finite.push_back(example.value);
  }
  if (finite.empty()) return std::vector<double>(examples.size(), 0);
  const double median = Median(finite);
  std::vector<double> distances;
  for (double value : finite) distances.push_back(std::abs(value - median));
  double unit = Median(distances);
  // More than half of them are equal.
  if (unit == 0) unit = *absl::c_max_element(distances);
  if (unit == 0) unit = 1;
  const double worst = *absl::c_min_element(finite);
  std::vector<double> scaled;
  for (const Example& example : examples) {
    const double value = (std::max(example.value, worst) - median) / unit;
    scaled.push_back(value >= -kFar ? value : -kFar - std::log1p(-kFar - value));
  }
  double mean = std::accumulate(scaled.begin(), scaled.end(), 0.0) / scaled.size();
  double variance = 0;
  for (double value : scaled) variance += (value - mean) * (value - mean) / scaled.size();
  const double deviation = variance > 0 ? std::sqrt(variance) : 1;
  for (double& value : scaled) value = (value - mean) / deviation;
  return scaled;
}

void Predictor::Fit(const std::vector<Example>& examples, size_t features) {
  const std::vector<double> values = StandardisedValues(examples);
  double active = 0;
  for (const Example& example : examples) active += example.features.size();
  active /= static_cast<double>(examples.size());
  const auto count = static_cast<int64_t>(examples.size());
  const int64_t batches = (count + spec_.batch - 1) / spec_.batch;
  const int64_t steps = std::min(spec_.epochs * batches, spec_.most_steps);
  std::vector<size_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0);
  networks_.clear();
  ++fits_;
  for (int64_t n = 0; n < spec_.networks; ++n) {
    Rng rng(HashSeed(seed_, "predictor"), fits_ * spec_.networks + n);
    AdamSpec adam;
    adam.learning_rate = spec_.learning_rate;
    Mlp& network = networks_.emplace_back(features, active, spec_.hidden, adam, rng);
    for (int64_t step = 0; step < steps; ++step) {
      const int64_t batch = step % batches;
      if (batch == 0) rng.Shuffle(&order);
      const int64_t end = std::min((batch + 1) * spec_.batch, count);
      for (int64_t i = batch * spec_.batch; i < end; ++i) {
        const double predicted = network.Predict(examples[order[i]].features);
        const double size = static_cast<double>(end - batch * spec_.batch);
        network.Backward((predicted - values[order[i]]) / size);
      }
      network.Descend();
    }
  }
}

Predictor::Prediction Predictor::Predict(absl::Span<const int> features) {
  double sum = 0;
  double squares = 0;
  for (Mlp& network : networks_) {
    const double value = network.Predict(features);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / static_cast<double>(networks_.size());
  const double variance = squares / static_cast<double>(networks_.size()) - mean * mean;
  return {mean, std::sqrt(std::max(variance, 0.0))};
}

}  // namespace nasc
