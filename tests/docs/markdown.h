#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// A fenced block of a page and what its first line says of it:
//
//   ```space                         a file without mistakes
//   ```space file=blocks.space       the same; later blocks of the page can import it by that name
//   ```space error=unknown-operation a file whose first mistake has this code
//   ```space warning=unused-setting  a file that is right, whose first warning has this code
//   ```space fragment: WHY           no whole file, for this reason
//
// `architecture` (of the last space before it) and `graph` say the same but for file=. Blocks of
// other languages (text, sh, cpp, python, json) are not looked at.
struct Block {
  int line = 0;  // of the fence
  std::string language;
  std::string file;
  std::string error;
  std::string warning;
  std::string fragment;  // why
  std::string text;      // without the fence's indentation
};

// Error: a block that names no known language, a mark that means nothing, a fence that stays open.
absl::StatusOr<std::vector<Block>> ReadBlocks(absl::string_view markdown);

}  // namespace nasc
