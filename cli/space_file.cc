#include "cli/space_file.h"

#include <cstdio>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"

namespace nasc {

absl::StatusOr<Sources> LoadChecked(const std::string& path, const std::string& libraries) {
  Diagnostics diagnostics;
  SourceOptions options;
  if (!libraries.empty()) options.search_path.insert(options.search_path.begin(), libraries);
  Sources sources = LoadSources(path, diagnostics, options);
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  std::fputs(diagnostics.Render().c_str(), stderr);
  return sources;
}

absl::StatusOr<Space> SpaceIn(const Sources& sources) {
  const Module& root = sources.root();
  if (std::optional<Space> space = SpaceOf(root); space.has_value()) return *space;
  const std::vector<std::string> names = root.SpaceNames();
  const std::string& path = root.file.source->path();
  if (names.empty()) return absl::NotFoundError(absl::StrCat(path, " defines no space"));
  if (names.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " imports several spaces (", absl::StrJoin(names, ", "), "): give the file of one"));
  }
  return *SpaceOf(*root.FindSpace(names.front()));
}

absl::StatusOr<std::optional<InputSpec>> ParseInput(const std::string& input, int64_t classes) {
  if (input.empty() && classes == 0) return std::nullopt;
  std::vector<int64_t> sizes;
  for (absl::string_view part : absl::StrSplit(input, 'x')) {
    int64_t size = 0;
    const bool good = absl::SimpleAtoi(part, &size) && size >= 1 && size <= (1 << 20);
    sizes.push_back(good ? size : 0);
  }
  if (sizes.size() != 3 || absl::c_linear_search(sizes, 0) || classes < 2) {
    return absl::InvalidArgumentError(
        "--input and --classes go together, such as --input 3x32x32 --classes 10 (channels x "
        "height x width)");
  }
  return InputSpec{sizes[0], sizes[1], sizes[2], classes};
}

}  // namespace nasc
