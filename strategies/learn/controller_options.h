#pragma once

#include <vector>

#include "dsl/options.h"
#include "strategies/learn/controller.h"

namespace nasc {

// The options of strategies that learn a controller from trials.
inline std::vector<OptionSpec> ControllerOptionSpecs(double learning_rate) {
  return {
      {"learning_rate", OptionSpec::Kind::kReal, learning_rate, 0, 10, "", "of Adam"},
      {"hidden", OptionSpec::Kind::kWhole, 64, 1, 4096, "", "size of the LSTM and of embeddings"},
      {"initial", OptionSpec::Kind::kReal, 0.1, 0, 10, "",
       "weights of the controller are at first uniform in +- this"},
      {"window", OptionSpec::Kind::kWhole, 100, 1, 1e6, "",
       "latest trials among which a reward is ranked"},
  };
}

inline ControllerSpec ControllerSpecOf(const Options& options) {
  ControllerSpec spec;
  spec.size = options.Whole("hidden");
  spec.initial = options.Real("initial");
  spec.adam.learning_rate = options.Real("learning_rate");
  return spec;
}

}  // namespace nasc
