#include "compiler/versions/version_step.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nasc {
namespace {

// Major, minor, patch. What is no number, which the grammar does not let through, counts as 0.
using Numbers = std::array<int64_t, 3>;

Numbers NumbersOf(absl::string_view version) {
  Numbers numbers = {};
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  for (size_t i = 0; i < numbers.size() && i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &numbers[i])) numbers[i] = 0;
  }
  return numbers;
}

}  // namespace

const char* NameOf(VersionStep step) {
  switch (step) {
    case VersionStep::kNone:
      return "none";
    case VersionStep::kPatch:
      return "patch";
    case VersionStep::kMinor:
      return "minor";
    case VersionStep::kMajor:
      return "major";
  }
  return "";
}

VersionStep StepBetween(absl::string_view from, absl::string_view to) {
  const Numbers before = NumbersOf(from);
  const Numbers after = NumbersOf(to);
  if (after <= before) return VersionStep::kNone;
  if (after[0] > before[0]) return VersionStep::kMajor;
  const bool unstable = before[0] == 0;
  if (after[1] > before[1]) return unstable ? VersionStep::kMajor : VersionStep::kMinor;
  return unstable ? VersionStep::kMinor : VersionStep::kPatch;
}

bool GoesBack(absl::string_view from, absl::string_view to) {
  return NumbersOf(to) < NumbersOf(from);
}

std::string NextVersion(absl::string_view from, VersionStep step) {
  Numbers numbers = NumbersOf(from);
  const bool unstable = numbers[0] == 0;
  if (step == VersionStep::kMajor) {
    numbers = unstable ? Numbers{0, numbers[1] + 1, 0} : Numbers{numbers[0] + 1, 0, 0};
  } else if (step == VersionStep::kMinor) {
    numbers =
        unstable ? Numbers{0, numbers[1], numbers[2] + 1} : Numbers{numbers[0], numbers[1] + 1, 0};
  } else if (step == VersionStep::kPatch) {
    ++numbers[2];
  }
  return absl::StrCat(numbers[0], ".", numbers[1], ".", numbers[2]);
}

}  // namespace nasc
