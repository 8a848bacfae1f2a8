#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace nasc {

// A file of a git revision, as git names it: "HEAD~1:examples/darts/darts.space" from the top of
// the repository, "HEAD:./darts.space" from the working directory, ":darts.space" what is staged.
struct GitPath {
  std::string revision;
  std::string path;

  std::string ToString() const { return revision + ":" + path; }
};

// The parts of such a name; nothing where the text has no `:` or a file has that name.
std::optional<GitPath> ParseGitPath(const std::string& text);

// The contents of the file. Error: what git says, in a line.
absl::StatusOr<std::string> ReadGitFile(const GitPath& path);

// The lines in which two files differ, as `diff -u` prints them, for a file at `path` of a
// repository.
absl::StatusOr<std::string> LineDiff(const std::string& before, const std::string& after,
                                     const std::string& path);

}  // namespace nasc
