#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "strategies/learn/mlp.h"

namespace nasc {

struct PredictorSpec {
  int64_t networks = 5;
  std::vector<int> hidden = {32, 32};
  double learning_rate = 0.01;
  int64_t batch = 32;
  int64_t epochs = 100;       // over the examples, but
  int64_t most_steps = 1500;  // no more steps than this a network, however many examples
};

// What is known of an example: the features that are one (see Mlp), ascending, and its value.
struct Example {
  std::vector<int> features;
  double value = 0;  // more is better; minus infinity: it diverged
};

// An ensemble of small networks that predicts how good an architecture is from what others were
// (White et al., AAAI 2021, section 4): the networks differ by their first weights and the order of
// examples. They learn standardised values: those below the median by more than three times the
// median distance from it are pulled towards it by the logarithm of what is above that, since how
// bad a bad architecture is says little about good ones; a diverged one counts as the worst.
class Predictor {
 public:
  Predictor(const PredictorSpec& spec, uint64_t seed) : spec_(spec), seed_(seed) {}

  // Learns from these anew. `features`: how many there are. At least one example.
  void Fit(const std::vector<Example>& examples, size_t features);
  bool fitted() const { return !networks_.empty(); }

  // In units of the standardised values: an order of architectures, not their values.
  struct Prediction {
    double mean = 0;
    double deviation = 0;  // between the networks
  };
  Prediction Predict(absl::Span<const int> features);

 private:
  PredictorSpec spec_;
  uint64_t seed_;
  uint64_t fits_ = 0;
  std::vector<Mlp> networks_;
};

// The values that networks learn, in the order of those given; see Predictor.
std::vector<double> StandardisedValues(const std::vector<Example>& examples);

}  // namespace nasc
