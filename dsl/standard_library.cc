#include "dsl/standard_library.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "dsl/standard_library_files.h"

namespace nasc {

absl::StatusOr<std::string> StandardLibraryFile(absl::string_view path) {
  for (const StandardLibraryEntry& entry : kStandardLibraryFiles) {
    if (path == entry.path) return std::string(entry.text);
  }
  return absl::NotFoundError(absl::StrCat("there is no such library; there are: ",
                                          absl::StrJoin(StandardLibraryNames(), ", ")));
}

std::vector<std::string> StandardLibraryNames() {
  std::vector<std::string> names;
  for (const StandardLibraryEntry& entry : kStandardLibraryFiles) {
    names.push_back(absl::StrReplaceAll(absl::StripSuffix(entry.path, ".space"), {{"/", "."}}));
  }
  return names;
}

}  // namespace nasc
