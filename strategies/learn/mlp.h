#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "runtime/random/random.h"
#include "strategies/learn/adam.h"

namespace nasc {

// A dense network with one output over sparse binary inputs: an input is the list of features that
// are one. Hidden layers have rectified linear units. The first layer costs an addition of a row a
// feature that is one, and a step moves only the rows that its batch reached (the others' moments
// rest), so the number of features costs memory, not time.
class Mlp {
 public:
  // `hidden` has at least one layer. Weights are at first Gaussian with the variance 2 / inputs
  // (He et al., ICCV 2015); of the first layer, `active` inputs are expected to be one.
  Mlp(size_t features, double active, const std::vector<int>& hidden, const AdamSpec& adam,
      Rng& rng);

  // Features that the network has not are passed over.
  double Predict(absl::Span<const int> input);

  // Adds the gradient of `slope` times the output for the input of the last Predict.
  void Backward(double slope);

  // A step of Adam down the gradient added since the last one.
  void Descend();

  // For tests.
  absl::Span<double> weights() { return absl::MakeSpan(weights_); }
  absl::Span<const double> gradient() const { return gradient_; }

 private:
  struct Layer {
    size_t at = 0;  // [inputs][outputs], then the biases
    size_t inputs = 0;
    size_t outputs = 0;
    std::vector<double> values;  // of the last Predict, after the unit
    std::vector<double> slopes;  // of the loss by them, while going backward
  };

  size_t features_ = 0;
  std::vector<Layer> layers_;
  std::vector<double> weights_;
  std::vector<double> gradient_;
  Adam adam_;
  std::vector<int> input_;        // of the last Predict, those that the network has
  std::vector<int> touched_;      // rows of the first layer with a gradient
  std::vector<bool> is_touched_;  // by feature
};

}  // namespace nasc
