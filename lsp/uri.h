#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc::lsp {

// The path of a `file:` URI, normalized. Of another scheme, such as a text that was never saved,
// the URI itself, which names no file.
std::string PathOf(absl::string_view uri);

// The `file:` URI of an absolute path; what names no file stays as it is.
std::string UriOf(absl::string_view path);

// A read-only copy of a file of the standard library ("std/cnn.space"), which is part of the
// program and which editors can open only as a file: in the user's cache folder. Error: it cannot
// be written, or there is no such library.
absl::StatusOr<std::string> LibraryCopy(absl::string_view path);

}  // namespace nasc::lsp
