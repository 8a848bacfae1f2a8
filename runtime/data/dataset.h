// The data sets that the language knows by name.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/data/image_set.h"

namespace nasc {

struct DatasetInfo {
  std::string name;
  std::string doc;  // One line: what it holds.
};

// The known data sets, in order of name.
std::vector<DatasetInfo> KnownDatasets();

// Loads the data set `name` from `folder`; "" means the data set's default folder. An unknown name
// is NotFound, with the known ones listed; the errors of reading the files name the file.
absl::StatusOr<Dataset> LoadDataset(absl::string_view name, absl::string_view folder);

}  // namespace nasc
