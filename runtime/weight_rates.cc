#include "runtime/weight_rates.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nasc {

absl::StatusOr<WeightRates> WeightRates::Parse(const std::string& text) {
  constexpr double kMost = 1000;
  WeightRates rates;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::vector<std::string> sides = absl::StrSplit(part, '=');
    double factor = 0;
    const bool is_rate = sides.size() == 2 && absl::SimpleAtod(sides[1], &factor) && factor >= 0 &&
                         factor <= kMost && !absl::StripAsciiWhitespace(sides[0]).empty();
    if (!is_rate) {
      return absl::InvalidArgumentError(
          absl::StrCat("rates = \"", text, "\": '", absl::StripAsciiWhitespace(part),
                       "' is no rate; write rates = \"stem = 0, stage0 = 0.1\""));
    }
    rates.factors_.emplace_back(absl::StripAsciiWhitespace(sides[0]), factor);
  }
  return rates;
}

double WeightRates::Of(absl::string_view name) const {
  double factor = 1;
  size_t longest = 0;
  for (const auto& [beginning, of] : factors_) {
    const bool holds = name == beginning || absl::StartsWith(name, absl::StrCat(beginning, "."));
    if (!holds || beginning.size() < longest) continue;
    longest = beginning.size();
    factor = of;
  }
  return factor;
}

}  // namespace nasc
