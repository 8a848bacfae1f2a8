#include "cli/bounds.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/format.h"

namespace nasc {
namespace {

constexpr char kArchitectures[] = "architectures";

// What costs of architectures are called.
struct Measure {
  const char* name;
  Extremes CostRange::*extremes;
};
constexpr Measure kMeasures[] = {{"weights", &CostRange::weights}, {"macs", &CostRange::macs}};

// "3500000", "3.5e6": a whole number of any size.
std::optional<mpz_class> WholeOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('e', 1));
  const std::pair<std::string, std::string> digits =
      absl::StrSplit(parts[0], absl::MaxSplits('.', 1));
  const std::string number = digits.first + digits.second;
  int64_t exponent = 0;
  if (number.empty() || (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &exponent))) {
    return std::nullopt;
  }
  for (const char c : number) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
  }
  const int64_t zeros = exponent - static_cast<int64_t>(digits.second.size());
  if (zeros < 0 || zeros > 1000) return std::nullopt;
  return mpz_class(number + std::string(static_cast<size_t>(zeros), '0'), 10);
}

}  // namespace

absl::StatusOr<Bounds::Bound> Bounds::ReadOne(const std::string& text, bool most) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  bool known = parts.first == kArchitectures;
  for (const Measure& measure : kMeasures) known |= parts.first == measure.name;
  const std::optional<mpz_class> number = WholeOf(parts.second);
  if (!known || !number.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(most ? "--most " : "--least ", text,
                     ": a bound is architectures=, weights= or macs= and a whole number, such as "
                     "weights=3.5e6"));
  }
  return Bound{most, parts.first, parts.second, *number};
}

absl::StatusOr<Bounds> Bounds::Read(const std::vector<std::string>& least,
                                    const std::vector<std::string>& most) {
  Bounds bounds;
  for (const auto* texts : {&least, &most}) {
    for (const std::string& text : *texts) {
      absl::StatusOr<Bound> bound = ReadOne(text, texts == &most);
      if (!bound.ok()) return bound.status();
      bounds.bounds_.push_back(*std::move(bound));
    }
  }
  return bounds;
}

absl::Status Bounds::Check(const SpaceSize& size, const std::vector<ScaleFacts>& scales) const {
  std::string broken;
  const auto check = [&broken](const Bound& bound, const mpz_class& found,
                               const std::string& what) {
    if (bound.most ? found <= bound.number : found >= bound.number) return;
    absl::StrAppend(&broken, broken.empty() ? "" : "\nnasc: ", bound.most ? "most " : "least ",
                    bound.measure, " ", bound.text, " does not hold: ", what,
                    Grouped(found.get_str()), "; change the bound, or the space");
  };
  for (const Bound& bound : bounds_) {
    if (bound.measure == kArchitectures) {
      check(bound, size.count, "the number of architectures is ");
      continue;
    }
    for (const ScaleFacts& facts : scales) {
      const std::string at = facts.scale.empty() ? "" : absl::StrCat(" at scale ", facts.scale);
      if (!facts.range.has_value()) {
        return absl::FailedPreconditionError(
            absl::StrCat("no architecture fulfils what the space requires", at));
      }
      for (const Measure& measure : kMeasures) {
        if (bound.measure != measure.name) continue;
        const Extremes& extremes = (*facts.range).*measure.extremes;
        // No architecture is beyond the bound of an extreme, exact or not.
        const Extreme& extreme = bound.most ? extremes.greatest : extremes.least;
        check(bound, mpz_class(absl::StrCat(extreme.bound)),
              absl::StrCat(bound.most ? "the greatest number of " : "the least number of ",
                           bound.measure, at, " is ", extreme.exact() ? "" : "bounded by "));
      }
    }
  }
  return broken.empty() ? absl::OkStatus() : absl::FailedPreconditionError(broken);
}

}  // namespace nasc
