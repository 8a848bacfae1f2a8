#include "strategies/learn/mlp.h"

#include <cmath>

#include "absl/algorithm/container.h"
#include "strategies/learn/dense.h"

namespace nasc {

Mlp::Mlp(size_t features, double active, const std::vector<int>& hidden, const AdamSpec& adam,
         Rng& rng)
    : features_(features), adam_(0, adam), is_touched_(features, false) {
  size_t end = 0;
  size_t inputs = features;
  std::vector<int> outputs = hidden;
  outputs.push_back(1);
  for (int size : outputs) {
    Layer& layer = layers_.emplace_back();
    layer.at = end;
    layer.inputs = inputs;
    layer.outputs = static_cast<size_t>(size);
    layer.values.resize(layer.outputs);
    layer.slopes.resize(layer.outputs);
    end += (inputs + 1) * layer.outputs;
    inputs = layer.outputs;
  }
  weights_.assign(end, 0);
  gradient_.assign(end, 0);
  for (const Layer& layer : layers_) {
    const double fan_in = layer.at == 0 ? active : static_cast<double>(layer.inputs);
    const double deviation = std::sqrt(2 / std::max(fan_in, 1.0));
    for (size_t i = 0; i < layer.inputs * layer.outputs; ++i) {
      weights_[layer.at + i] = deviation * rng.Gaussian();
    }
  }
  adam_ = Adam(end, adam);
}

double Mlp::Predict(absl::Span<const int> input) {
  input_.clear();
  for (int feature : input) {
    if (static_cast<size_t>(feature) < features_) input_.push_back(feature);
  }
  for (size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = layers_[l];
    const double* weights = &weights_[layer.at];
    const double* biases = weights + layer.inputs * layer.outputs;
    layer.values.assign(biases, biases + layer.outputs);
    double* values = layer.values.data();
    if (l == 0) {
      for (int feature : input_) {
        AddScaled(1, weights + feature * layer.outputs, layer.outputs, values);
      }
    } else {
      const std::vector<double>& before = layers_[l - 1].values;
      for (size_t j = 0; j < layer.inputs; ++j) {
        if (before[j] != 0)
          AddScaled(before[j], weights + j * layer.outputs, layer.outputs, values);
      }
    }
    if (l + 1 == layers_.size()) break;
    for (double& value : layer.values) value = value > 0 ? value : 0;
  }
  return layers_.back().values[0];
}

void Mlp::Backward(double slope) {
  layers_.back().slopes[0] = slope;
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    const size_t outputs = layer.outputs;
    const double* slopes = layer.slopes.data();
    AddScaled(1, slopes, outputs, &gradient_[layer.at + layer.inputs * outputs]);
    if (l == 0) {
      for (int feature : input_) {
        AddScaled(1, slopes, outputs, &gradient_[layer.at + feature * outputs]);
        if (!is_touched_[feature]) touched_.push_back(feature);
        is_touched_[feature] = true;
      }
      break;
    }
    Layer& before = layers_[l - 1];
    for (size_t j = 0; j < layer.inputs; ++j) {
      const size_t row = layer.at + j * outputs;
      const bool active = before.values[j] > 0;
      before.slopes[j] = active ? Dot(&weights_[row], slopes, outputs) : 0;
      if (active) AddScaled(before.values[j], slopes, outputs, &gradient_[row]);
    }
  }
}

void Mlp::Descend() {
  adam_.BeginStep();
  const size_t row = layers_[0].outputs;
  for (int feature : touched_) {
    adam_.Descend(feature * row, row, weights_.data(), gradient_.data());
    is_touched_[feature] = false;
  }
  touched_.clear();
  const size_t dense = features_ * row;
  adam_.Descend(dense, weights_.size() - dense, weights_.data(), gradient_.data());
}

}  // namespace nasc
