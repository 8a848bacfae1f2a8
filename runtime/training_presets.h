#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dsl/options.h"

namespace nasc {

// How a paper trains the networks that it reports: values of FinalOptionSpecs.
struct TrainingPreset {
  std::string name;
  std::vector<std::pair<std::string, Options::Written>> values;
};

const std::vector<TrainingPreset>& TrainingPresets();

bool IsPreset(const std::string& name);

// Gives the options what the preset says, which there must be.
void TakePreset(const std::string& name, Options& options);

}  // namespace nasc
