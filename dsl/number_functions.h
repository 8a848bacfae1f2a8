#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dsl/rational.h"

namespace nasc {

// A function of numbers: `max(1, floor(ratio * in_filters))`.
struct NumberFunction {
  absl::string_view name;
  size_t least;  // arguments
  size_t most;
  Rational (*compute)(const std::vector<Rational>&);
  absl::string_view doc;
};

const std::vector<NumberFunction>& NumberFunctions();

// nullptr if there is none.
const NumberFunction* FindNumberFunction(absl::string_view name);

}  // namespace nasc
