#include "dsl/standard_library.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "dsl/standard_library_files.h"

namespace nasc {

absl::StatusOr<std::string> StandardLibraryFile(absl::string_view path) {
  for (const auto& [name, text] : kStandardLibraryFiles) {
    if (path == name) return std::string(text);
  }
  return absl::NotFoundError(absl::StrCat("there is no such library; there are: ",
                                          absl::StrJoin(StandardLibraryNames(), ", ")));
}

std::vector<std::string> StandardLibraryNames() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kStandardLibraryFiles) {
    names.push_back(absl::StrReplaceAll(absl::StripSuffix(name, ".space"), {{"/", "."}}));
  }
  return names;
}

}  // namespace nasc
