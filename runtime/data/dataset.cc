#include "runtime/data/dataset.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/data/fashion_mnist.h"

namespace nasc {
namespace {

using Kind = DatasetInfo::Kind;

struct Entry {
  DatasetInfo info;
  absl::StatusOr<Dataset> (*load)(absl::string_view folder);  // nullptr of a table
};

// To add images: a loader beside fashion_mnist.h, and a row here (in order of name).
const std::vector<Entry>& Entries() {
  static const auto* const entries = new std::vector<Entry>{
      {{"fashion_mnist", "60,000 + 10,000 images of clothes, 1x28x28, ten classes", Kind::kImages},
       LoadFashionMnist},
      {{"table", "rows of numbers of a CSV or TSV file, to tell classes or numbers from",
        Kind::kTable},
       nullptr},
  };
  return *entries;
}

absl::StatusOr<const Entry*> Find(absl::string_view name) {
  for (const Entry& entry : Entries()) {
    if (entry.info.name == name) return &entry;
  }
  const std::string known = absl::StrJoin(
      Entries(), ", ",
      [](std::string* out, const Entry& entry) { absl::StrAppend(out, entry.info.name); });
  return absl::NotFoundError(
      absl::StrCat("unknown data set '", name, "'; the known ones: ", known));
}

}  // namespace

std::vector<DatasetInfo> KnownDatasets() {
  std::vector<DatasetInfo> known;
  for (const Entry& entry : Entries()) known.push_back(entry.info);
  return known;
}

absl::StatusOr<DatasetInfo> FindDataset(absl::string_view name) {
  const absl::StatusOr<const Entry*> entry = Find(name);
  if (!entry.ok()) return entry.status();
  return (*entry)->info;
}

absl::StatusOr<Dataset> LoadDataset(absl::string_view name, absl::string_view folder) {
  const absl::StatusOr<const Entry*> entry = Find(name);
  if (!entry.ok()) return entry.status();
  if ((*entry)->load == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("data set '", name, "' holds no images"));
  }
  absl::StatusOr<Dataset> dataset = (*entry)->load(folder);
  if (dataset.ok()) dataset->name = (*entry)->info.name;
  return dataset;
}

}  // namespace nasc
