#include "runtime/data/keep_classes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace nasc {
namespace {

constexpr int kDropped = -1;

// The new number of every class.
absl::StatusOr<std::vector<int>> Renumbered(const std::string& classes, int count) {
  std::vector<int> numbers(count, kDropped);
  int next = 0;
  for (const absl::string_view part :
       absl::StrSplit(classes, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number) || number < 0 || number >= count) {
      return absl::InvalidArgumentError(absl::StrCat("classes = \"", classes, "\": '", part,
                                                     "' is no class from 0 to ", count - 1));
    }
    if (numbers[number] != kDropped) {
      return absl::InvalidArgumentError(
          absl::StrCat("classes = \"", classes, "\": ", number, " is there twice"));
    }
    numbers[number] = next++;
  }
  if (next < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("classes = \"", classes, "\": give two classes at least, such as \"0, 1\""));
  }
  return numbers;
}

void Keep(const std::vector<int>& numbers, int count, ImageSet& images) {
  const auto size = static_cast<size_t>(images.shape.size());
  size_t kept = 0;
  for (size_t i = 0; i < images.labels.size(); ++i) {
    const int number = numbers[images.labels[i]];
    if (number == kDropped) continue;
    images.labels[kept] = number;
    std::copy_n(images.pixels.begin() + static_cast<int64_t>(i * size), size,
                images.pixels.begin() + static_cast<int64_t>(kept * size));
    ++kept;
  }
  images.labels.resize(kept);
  images.pixels.resize(kept * size);
  images.classes = count;
}

}  // namespace

absl::Status KeepClasses(const std::string& classes, Dataset& dataset) {
  const absl::StatusOr<std::vector<int>> numbers = Renumbered(classes, dataset.train.classes);
  if (!numbers.ok()) return numbers.status();
  const auto count = static_cast<int>(
      std::count_if(numbers->begin(), numbers->end(), [](int n) { return n != kDropped; }));
  Keep(*numbers, count, dataset.train);
  Keep(*numbers, count, dataset.test);
  return absl::OkStatus();
}

}  // namespace nasc
