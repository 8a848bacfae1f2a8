#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// An exact fraction in lowest terms, so that `1/3 * depth` and `0.75 * filters` are what they say.
class Rational {
 public:
  Rational() = default;
  Rational(int64_t whole) : numerator_(whole) {}  // NOLINT: whole numbers are fractions

  int64_t numerator() const { return numerator_; }
  int64_t denominator() const { return denominator_; }
  bool is_whole() const { return denominator_ == 1; }
  int64_t Floor() const;
  double ToDouble() const { return static_cast<double>(numerator_) / denominator_; }

  template <typename H>
  friend H AbslHashValue(H h, const Rational& x) {
    return H::combine(std::move(h), x.numerator_, x.denominator_);
  }

  // "3", "1/3".
  std::string ToString() const;
  // "3", "0.25", and "1/3" for what has no end as a decimal number.
  std::string ToDecimal() const;

  // Errors: division by zero, a result that 64 bits cannot hold.
  static absl::StatusOr<Rational> Make(__int128 numerator, __int128 denominator);

  // A decimal number such as "12", "0.25", "3e-4".
  static absl::StatusOr<Rational> Parse(absl::string_view text);

 private:
  int64_t numerator_ = 0;
  int64_t denominator_ = 1;
};

absl::StatusOr<Rational> Add(Rational a, Rational b);
absl::StatusOr<Rational> Subtract(Rational a, Rational b);
absl::StatusOr<Rational> Multiply(Rational a, Rational b);
absl::StatusOr<Rational> Divide(Rational a, Rational b);

// A whole exponent of at most 64 in size.
absl::StatusOr<Rational> Power(Rational base, Rational exponent);

bool operator==(Rational a, Rational b);
bool operator<(Rational a, Rational b);
inline bool operator!=(Rational a, Rational b) { return !(a == b); }
inline bool operator<=(Rational a, Rational b) { return !(b < a); }

}  // namespace nasc
