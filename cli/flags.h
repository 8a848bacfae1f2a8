#pragma once

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace nasc {

// Takes a whole number in a range. CLI11's own validators write their bounds into every help text.
inline CLI::Validator WholeNumber(int64_t least, int64_t most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        int64_t value = 0;
        if (absl::SimpleAtoi(text, &value) && value >= least && value <= most) return "";
        return absl::StrCat("'", text, "' is not a whole number from ", least, " to ", most);
      },
      /*description=*/"");
}

constexpr int64_t kGreatestCount = 1000000000;

}  // namespace nasc
