// Where data sets are found that were not given a folder.
#pragma once

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace nasc {

// `folder`, or where that is empty the folder `name` of $NASC_DATA; where the variable is not set
// either, of the place where Debian keeps data sets.
inline std::string DataFolder(absl::string_view folder, absl::string_view name) {
  if (!folder.empty()) return std::string(folder);
  const char* root = std::getenv("NASC_DATA");
  const bool set = root != nullptr && *root != '\0';
  return absl::StrCat(set ? root : "/usr/share/datasets", "/", name);
}

}  // namespace nasc
