#pragma once

#include <istream>
#include <ostream>
#include <vector>

#include "absl/status/status.h"
#include "lsp/names.h"
#include "lsp/workspace.h"

namespace nasc::lsp {

// What the server knows of searches, which lie above the compiler.
struct SearchLanguage {
  SearchCheck check;
  std::vector<SearchPart> parts;
};

// Serves an editor by the Language Server Protocol until it says `exit` or closes the stream.
// Error: it left without `shutdown`.
absl::Status Serve(std::istream& in, std::ostream& out, SearchLanguage searches);

}  // namespace nasc::lsp
