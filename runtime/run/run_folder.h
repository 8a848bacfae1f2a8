// The folder that holds everything a run produces.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dsl/sources.h"

namespace nasc {

// The sub-folder of the libraries that a run uses.
inline constexpr char kLibrariesFolder[] = "libraries";

class RunFolder {
 public:
  // Makes the folder `name` in the folder `runs`, which is made too if it is missing. Where that
  // name is taken: AlreadyExists if `exact`, else the first of name-2, name-3, ... that is free.
  // The folder is this run's alone, even if other programs make theirs at the same time.
  //
  // InvalidArgument: a name that is empty or ".", or holds a '/', ".." or a control character.
  // Otherwise "cannot create the run folder PATH: reason", with the status code of the system's
  // error. Nothing is left behind on an error.
  static absl::StatusOr<RunFolder> Create(const std::string& runs, const std::string& name,
                                          bool exact);

  // The folder of an earlier run. NotFound where there is none.
  static absl::StatusOr<RunFolder> Open(const std::string& path);

  // `runs`, '/' and the name that it got.
  const std::string& path() const { return path_; }
  const std::string& name() const { return name_; }

  // The path of a file of the folder.
  std::string File(absl::string_view relative) const;

  // Writes a file as WriteFileAtomically does, and makes the sub-folders that it lies in.
  // InvalidArgument for a path that leads out of the folder.
  absl::Status WriteText(absl::string_view relative, absl::string_view contents) const;

  // Copies a file and all that it imports to the sub-folder space/, as they were read; the standard
  // library is part of the program and stays out. Libraries of other folders go to the sub-folder
  // libraries/, a/b.space for `import a.b`, with what they import. Relative imports mean the same
  // between the copies: all paths are kept, from the deepest folder on that holds all the files and
  // that no import leads out of. (An import by an absolute path still means the original.) Returns
  // where the root is: "space/search.space". `sources` must have been loaded without errors.
  absl::StatusOr<std::string> SaveSources(const Sources& sources) const;

  // Removes the folder with all that is in it, and `runs` if Create made it and it is empty: for a
  // run that fails before it did anything.
  absl::Status Discard() const;

 private:
  RunFolder(std::string path, std::string name, std::vector<std::string> parents)
      : path_(std::move(path)), name_(std::move(name)), parents_(std::move(parents)) {}

  std::string path_;
  std::string name_;
  std::vector<std::string> parents_;  // Those that Create made, the outermost first.
};

}  // namespace nasc
