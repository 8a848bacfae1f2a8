#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// Factors of the learning rate for some of the weights of a network: 0 freezes them.
class WeightRates {
 public:
  WeightRates() = default;

  // "stem = 0, stage0 = 0.1": each holds for the weight of that name and for all below it. Error:
  // what is no name and factor from 0 to 1000, with the way to write it.
  static absl::StatusOr<WeightRates> Parse(const std::string& text);

  // That of the longest beginning of the name; 1 where there is none.
  double Of(absl::string_view name) const;

 private:
  std::vector<std::pair<std::string, double>> factors_;
};

}  // namespace nasc
