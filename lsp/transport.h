#pragma once

#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Messages as the protocol frames them: `Content-Length: N`, an empty line, N bytes.
namespace nasc::lsp {

class MessageReader {
 public:
  explicit MessageReader(std::istream& in) : in_(in) {}

  // The next message; nothing at the end of the input. Error: a message that is badly framed or too
  // large. What could be told of it was skipped, and reading can go on.
  absl::StatusOr<std::optional<std::string>> Read();

 private:
  // A line of the header without its end; nothing at the end of the input. Error: it is too long.
  absl::StatusOr<std::optional<std::string>> ReadHeaderLine();

  std::istream& in_;
};

void WriteMessage(std::ostream& out, absl::string_view message);

}  // namespace nasc::lsp
