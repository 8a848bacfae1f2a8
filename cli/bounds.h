#pragma once

#include <gmpxx.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/facts.h"
#include "compiler/space_size.h"

namespace nasc {

// What all architectures of a space must keep to: their number, their weights, their MACs.
class Bounds {
 public:
  // Each `MEASURE=NUMBER`, such as "weights=3.5e6". Error: another measure, or no whole number.
  static absl::StatusOr<Bounds> Read(const std::vector<std::string>& least,
                                     const std::vector<std::string>& most);

  bool empty() const { return bounds_.empty(); }

  // Error: a line for every bound that does not hold, with what was found.
  absl::Status Check(const SpaceSize& size, const std::vector<ScaleFacts>& scales) const;

 private:
  struct Bound {
    bool most = false;
    std::string measure;
    std::string text;  // the number as it was given
    mpz_class number;
  };
  static absl::StatusOr<Bound> ReadOne(const std::string& text, bool most);

  std::vector<Bound> bounds_;
};

}  // namespace nasc
