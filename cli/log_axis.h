#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"

namespace nasc {

// A logarithmic axis of a picture, from one place to another.
class LogAxis {
 public:
  LogAxis(double least, double most, double from, double to)
      : least_(std::log10(least)), most_(std::log10(most)), from_(from), to_(to) {}

  double At(double value) const {
    return from_ + (std::log10(value) - least_) / (most_ - least_) * (to_ - from_);
  }

  // 1, 2 and 5 times powers of ten within the axis.
  std::vector<double> Ticks() const {
    std::vector<double> ticks;
    constexpr double kRounding = 1e-9;
    for (int power = static_cast<int>(std::floor(least_)); power <= most_; ++power) {
      for (double factor : {1.0, 2.0, 5.0}) {
        const double tick = factor * std::pow(10, power);
        const double place = std::log10(tick);
        if (place >= least_ - kRounding && place <= most_ + kRounding) ticks.push_back(tick);
      }
    }
    return ticks;
  }

 private:
  double least_;
  double most_;
  double from_;
  double to_;
};

// A text as it stands in HTML and SVG.
inline std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace nasc
