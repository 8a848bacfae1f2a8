#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// What a chain can call, from the table of primitives and the standard library.
struct OpEntry {
  std::string name;
  std::string origin;  // "primitives", or the library: "std.cnn"
  std::string
      signature;  // "conv(kernel, filters = ...)"; `...` is a default that depends on the place
  std::string summary;  // in one line, may be empty
  std::string text;     // all that is known of it, a section in Markdown
};

// Primitives first, in the order of the table, then each library in the order of its text.
const std::vector<OpEntry>& AllOps();

// The page docs/ops.md.
std::string OpsPage();

}  // namespace nasc
