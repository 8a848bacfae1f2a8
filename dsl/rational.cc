#include "dsl/rational.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

__int128 Gcd(__int128 a, __int128 b) {
  while (b != 0) {
    const __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

}  // namespace

absl::StatusOr<Rational> Rational::Make(__int128 numerator, __int128 denominator) {
  if (denominator == 0) return absl::InvalidArgumentError("division by zero");
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const __int128 divisor = Gcd(numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  constexpr __int128 kMax = std::numeric_limits<int64_t>::max();
  if (numerator > kMax || numerator < -kMax || denominator > kMax) {
    return absl::InvalidArgumentError("a number that does not fit in 64 bits");
  }
  Rational result;
  result.numerator_ = static_cast<int64_t>(numerator);
  result.denominator_ = static_cast<int64_t>(denominator);
  return result;
}

absl::StatusOr<Rational> Rational::Parse(absl::string_view text) {
  __int128 mantissa = 0;
  int exponent = 0;
  bool after_point = false;
  bool any_digit = false;
  size_t i = 0;
  for (; i < text.size() && (absl::ascii_isdigit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      if (after_point) return absl::InvalidArgumentError(absl::StrCat("not a number: ", text));
      after_point = true;
      continue;
    }
    any_digit = true;
    mantissa = mantissa * 10 + (text[i] - '0');
    if (mantissa > std::numeric_limits<int64_t>::max()) {
      return absl::InvalidArgumentError("a number that does not fit in 64 bits");
    }
    exponent -= after_point;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    int power = 0;
    if (!absl::SimpleAtoi(text.substr(i + 1), &power) || power > 30 || power < -30) {
      return absl::InvalidArgumentError(absl::StrCat("not a number: ", text));
    }
    exponent += power;
    i = text.size();
  }
  if (!any_digit || i != text.size()) {
    return absl::InvalidArgumentError(absl::StrCat("not a number: ", text));
  }
  __int128 denominator = 1;
  for (; exponent > 0; --exponent) {
    mantissa *= 10;
    if (mantissa > std::numeric_limits<int64_t>::max()) {
      return absl::InvalidArgumentError("a number that does not fit in 64 bits");
    }
  }
  // The mantissa has at most 19 digits and the exponent at least -30 - 19: a denominator beyond
  // 10^37 would overflow, and no such number fits in lowest terms unless the mantissa is 0.
  for (; exponent < 0; ++exponent) {
    denominator *= 10;
    if (denominator > (static_cast<__int128>(1) << 120)) {
      return absl::InvalidArgumentError("a number that does not fit in 64 bits");
    }
  }
  return Make(mantissa, denominator);
}

int64_t Rational::Floor() const {
  const int64_t quotient = numerator_ / denominator_;
  return numerator_ % denominator_ < 0 ? quotient - 1 : quotient;
}

std::string Rational::ToString() const {
  return is_whole() ? absl::StrCat(numerator_) : absl::StrCat(numerator_, "/", denominator_);
}

std::string Rational::ToDecimal() const {
  int digits = 0;
  int64_t scale = 1;
  // Digits until the fraction is whole; 64 bits hold 18 of them.
  while (scale % denominator_ != 0 && digits < 18) {
    scale *= 10;
    ++digits;
  }
  const __int128 scaled = static_cast<__int128>(numerator_) * scale;
  if (scale % denominator_ != 0 || digits == 0) return ToString();
  const __int128 whole = scaled / denominator_;
  const __int128 size = whole < 0 ? -whole : whole;
  std::string fraction = absl::StrCat(static_cast<int64_t>(size % scale));
  fraction.insert(0, digits - fraction.size(), '0');
  return absl::StrCat(whole < 0 ? "-" : "", static_cast<int64_t>(size / scale), ".", fraction);
}

absl::StatusOr<Rational> Add(Rational a, Rational b) {
  return Rational::Make(static_cast<__int128>(a.numerator()) * b.denominator() +
                            static_cast<__int128>(b.numerator()) * a.denominator(),
                        static_cast<__int128>(a.denominator()) * b.denominator());
}

absl::StatusOr<Rational> Subtract(Rational a, Rational b) {
  return Rational::Make(static_cast<__int128>(a.numerator()) * b.denominator() -
                            static_cast<__int128>(b.numerator()) * a.denominator(),
                        static_cast<__int128>(a.denominator()) * b.denominator());
}

absl::StatusOr<Rational> Multiply(Rational a, Rational b) {
  return Rational::Make(static_cast<__int128>(a.numerator()) * b.numerator(),
                        static_cast<__int128>(a.denominator()) * b.denominator());
}

absl::StatusOr<Rational> Divide(Rational a, Rational b) {
  return Rational::Make(static_cast<__int128>(a.numerator()) * b.denominator(),
                        static_cast<__int128>(a.denominator()) * b.numerator());
}

absl::StatusOr<Rational> Power(Rational base, Rational exponent) {
  if (!exponent.is_whole() || exponent.numerator() > 64 || exponent.numerator() < -64) {
    return absl::InvalidArgumentError("an exponent that is not a whole number of at most 64");
  }
  absl::StatusOr<Rational> result = Rational(1);
  const int64_t times = exponent.numerator() < 0 ? -exponent.numerator() : exponent.numerator();
  for (int64_t i = 0; i < times && result.ok(); ++i) result = Multiply(*result, base);
  if (!result.ok() || exponent.numerator() >= 0) return result;
  return Divide(1, *result);
}

bool operator==(Rational a, Rational b) {
  return a.numerator() == b.numerator() && a.denominator() == b.denominator();
}

bool operator<(Rational a, Rational b) {
  return static_cast<__int128>(a.numerator()) * b.denominator() <
         static_cast<__int128>(b.numerator()) * a.denominator();
}

}  // namespace nasc
