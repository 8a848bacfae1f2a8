// Whole files: read at once, and replaced at once.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// Makes `contents` the file at `path`, which may exist: whoever opens it, also after a crash of the
// system, finds all of the old content or all of the new. The file is written beside it under a
// temporary name (".nasc-tmp-..."), brought to the disk, and renamed. It gets the default mode, and
// a link at `path` is replaced, not followed.
//
// On an error, "cannot write PATH: reason" with the status code of the system's error, what was
// there stays as it was and the temporary file is gone.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);

// All of a file; "cannot read PATH: reason" with the status code of the system's error, such as
// NotFound, otherwise.
absl::StatusOr<std::string> ReadFileToString(const std::string& path);

}  // namespace nasc
