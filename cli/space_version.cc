#include "cli/space_version.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/git_file.h"
#include "cli/space_file.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

absl::StatusOr<CompiledSpace> Compile(const Sources& sources, Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  const absl::StatusOr<Space> space = SpaceIn(sources);
  if (!space.ok()) return space.status();
  return CompileSpace(*space);
}

// Reads a file and its imports as they were in the revision; libraries of folders that are not part
// of it as they are now.
absl::StatusOr<CompiledSpace> VersionAt(const GitPath& root) {
  const std::string prefix = root.revision + ":";
  SourceOptions options;
  options.read = [&](const std::string& path) -> absl::StatusOr<std::string> {
    if (path.rfind(prefix, 0) == 0) {
      return ReadGitFile({root.revision, path.substr(prefix.size())});
    }
    // The folder of a file at the top has no name that a revision could stand before.
    absl::StatusOr<std::string> text = ReadGitFile({root.revision, path});
    return text.ok() ? text : ReadSourceFile(path);
  };
  absl::StatusOr<std::string> text = ReadGitFile(root);
  if (!text.ok()) return text.status();
  Diagnostics diagnostics;
  const Sources sources =
      LoadSourcesFromText(root.ToString(), *std::move(text), diagnostics, options);
  return Compile(sources, diagnostics);
}

}  // namespace

absl::StatusOr<CompiledSpace> VersionOf(const std::string& path, std::string text) {
  if (IsCompiledSpace(text)) {
    absl::StatusOr<CompiledSpace> compiled = ParseCompiledSpace(text);
    if (compiled.ok()) return compiled;
    return absl::Status(compiled.status().code(),
                        absl::StrCat(path, ": ", compiled.status().message()));
  }
  Diagnostics diagnostics;
  const Sources sources = LoadSourcesFromText(path, std::move(text), diagnostics);
  return Compile(sources, diagnostics);
}

absl::StatusOr<CompiledSpace> LoadVersion(const std::string& name) {
  if (const std::optional<GitPath> path = ParseGitPath(name)) return VersionAt(*path);
  absl::StatusOr<std::string> text = ReadFileToString(name);
  if (!text.ok()) return text.status();
  return VersionOf(name, *std::move(text));
}

}  // namespace nasc
