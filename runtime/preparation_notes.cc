#include "runtime/preparation_notes.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nasc {
namespace {

constexpr char kPadding[] = "padding";
constexpr char kMean[] = "mean";
constexpr char kDeviation[] = "deviation";

// So many digits give the same float again.
std::string Join(const std::vector<float>& values) {
  return absl::StrJoin(values, " ", [](std::string* out, float value) {
    absl::StrAppendFormat(out, "%.9g", value);
  });
}

absl::StatusOr<std::string> Note(const TensorNotes& notes, const char* key) {
  const auto it = notes.find(key);
  if (it != notes.end()) return it->second;
  return absl::FailedPreconditionError(
      absl::StrCat("the weights do not say how images are prepared: the note '", key,
                   "' is missing; those of networks for images that this version trains have it"));
}

absl::Status Damaged(const char* key) {
  return absl::DataLossError(absl::StrCat("the note '", key, "' of the weights makes no sense"));
}

absl::StatusOr<std::vector<float>> Numbers(const TensorNotes& notes, const char* key) {
  const absl::StatusOr<std::string> note = Note(notes, key);
  if (!note.ok()) return note.status();
  std::vector<float> values;
  for (const absl::string_view text : absl::StrSplit(*note, ' ', absl::SkipEmpty())) {
    if (!absl::SimpleAtof(text, &values.emplace_back())) return Damaged(key);
  }
  return values;
}

}  // namespace

TensorNotes PreparationNotes(const ImagePreparation& preparation) {
  return {{kPadding, absl::StrCat(preparation.padding)},
          {kMean, Join(preparation.normalization.mean)},
          {kDeviation, Join(preparation.normalization.stddev)}};
}

absl::StatusOr<ImagePreparation> PreparationIn(const TensorNotes& notes) {
  const absl::StatusOr<std::string> padding = Note(notes, kPadding);
  if (!padding.ok()) return padding.status();
  ImagePreparation preparation;
  if (!absl::SimpleAtoi(*padding, &preparation.padding)) return Damaged(kPadding);
  absl::StatusOr<std::vector<float>> mean = Numbers(notes, kMean);
  if (!mean.ok()) return mean.status();
  absl::StatusOr<std::vector<float>> deviation = Numbers(notes, kDeviation);
  if (!deviation.ok()) return deviation.status();
  preparation.normalization = {*std::move(mean), *std::move(deviation)};
  return preparation;
}

}  // namespace nasc
