// The data sets that the language knows by name.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dsl/options.h"
#include "runtime/data/image_set.h"

namespace nasc {

struct DatasetInfo {
  enum class Kind {
    kImages,  // LoadDataset reads it
    kTable,   // ReadTable reads it, from a file of the user's
  };
  std::string name;
  std::string doc;  // One line: what it holds.
  Kind kind = Kind::kImages;
  std::vector<OptionSpec> options;  // What its `data` line takes.
};

// The known data sets, in order of name.
std::vector<DatasetInfo> KnownDatasets();

// The data set `name`. An unknown name is NotFound, with the known ones listed.
absl::StatusOr<DatasetInfo> FindDataset(absl::string_view name);

// Loads the images `name`; `options` are those of its DatasetInfo. Errors: those of FindDataset; no
// images; those of reading the files, which name the file.
absl::StatusOr<Dataset> LoadDataset(absl::string_view name, const Options& options);

// Images that a library adds to those known to every program that links it, in the way of a
// strategy. `options` are its own; those of all images are added to them.
//
//   const DatasetRegistration registration("shapes", "drawn figures", {}, LoadShapes);
class DatasetRegistration {
 public:
  using Load = absl::StatusOr<Dataset> (*)(const Options& options);
  DatasetRegistration(const std::string& name, const std::string& doc,
                      std::vector<OptionSpec> options, Load load);
};

}  // namespace nasc
