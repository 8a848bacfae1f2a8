#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
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

// Takes "800MB", "1.5GB", "2GiB" or a number of bytes and turns it into a number of bytes.
inline CLI::Validator ByteCount() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        constexpr std::pair<const char*, double> kUnits[] = {
            {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"KB", 1e3}, {"MB", 1e6},
            {"GB", 1e9},     {"", 1.0}};
        for (const auto& [unit, bytes] : kUnits) {
          double value = 0;
          absl::string_view number = text;
          if (!absl::EndsWithIgnoreCase(number, unit)) continue;
          number.remove_suffix(absl::string_view(unit).size());
          if (!absl::SimpleAtod(number, &value) || !(value * bytes >= 1 && value * bytes < 1e18)) {
            break;
          }
          text = absl::StrCat(static_cast<int64_t>(value * bytes));
          return "";
        }
        return absl::StrCat("'", text, "' is no size such as 800MB or 2GiB");
      },
      /*description=*/"");
}

constexpr int64_t kGreatestCount = 1000000000;

}  // namespace nasc
