#include "runtime/data/dataset.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/data/fashion_mnist.h"

namespace nasc {
namespace {

struct Entry {
  const char* name;
  const char* doc;
  absl::StatusOr<Dataset> (*load)(absl::string_view folder);
};

// To add a data set: a loader beside fashion_mnist.h, and a row here (in order of name).
constexpr Entry kEntries[] = {
    {"fashion_mnist", "60,000 + 10,000 images of clothes, 1x28x28, ten classes", LoadFashionMnist},
};

}  // namespace

std::vector<DatasetInfo> KnownDatasets() {
  std::vector<DatasetInfo> known;
  for (const Entry& entry : kEntries) known.push_back({entry.name, entry.doc});
  return known;
}

absl::StatusOr<Dataset> LoadDataset(absl::string_view name, absl::string_view folder) {
  for (const Entry& entry : kEntries) {
    if (name != entry.name) continue;
    absl::StatusOr<Dataset> dataset = entry.load(folder);
    if (dataset.ok()) dataset->name = entry.name;
    return dataset;
  }
  const std::string known = absl::StrJoin(kEntries, ", ", [](std::string* out, const Entry& entry) {
    absl::StrAppend(out, entry.name);
  });
  return absl::NotFoundError(
      absl::StrCat("unknown data set '", name, "'; the known ones: ", known));
}

}  // namespace nasc
