#include "lsp/transport.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace nasc::lsp {
namespace {

constexpr size_t kMaxHeaderLine = 1024;
// A text has at most 4 MiB, which JSON may write with six bytes each.
constexpr int64_t kMaxMessage = 32 << 20;

}  // namespace

absl::StatusOr<std::optional<std::string>> MessageReader::ReadHeaderLine() {
  std::string line;
  bool too_long = false;
  for (int byte = in_.get(); byte != '\n'; byte = in_.get()) {
    if (byte == std::istream::traits_type::eof()) return std::nullopt;
    too_long |= line.size() == kMaxHeaderLine;
    if (!too_long) line += static_cast<char>(byte);
  }
  if (too_long) return absl::InvalidArgumentError("a header line that is too long");
  if (absl::EndsWith(line, "\r")) line.pop_back();
  return line;
}

absl::StatusOr<std::optional<std::string>> MessageReader::Read() {
  int64_t length = -1;
  absl::Status malformed;
  bool any = false;
  while (true) {
    absl::StatusOr<std::optional<std::string>> line = ReadHeaderLine();
    if (!line.ok()) {
      malformed = line.status();
      any = true;
      continue;
    }
    if (!line->has_value()) return std::nullopt;
    if ((*line)->empty()) {
      if (!any) continue;  // empty lines between messages do no harm
      break;
    }
    any = true;
    const size_t colon = (*line)->find(':');
    const absl::string_view field = absl::string_view(**line).substr(0, colon);
    if (colon == std::string::npos) {
      malformed = absl::InvalidArgumentError("a header line without ':'");
    } else if (absl::EqualsIgnoreCase(field, "content-length")) {
      const absl::string_view value =
          absl::StripAsciiWhitespace(absl::string_view(**line).substr(colon + 1));
      if (!absl::SimpleAtoi(value, &length) || length < 0) {
        malformed = absl::InvalidArgumentError("a Content-Length that is no number of bytes");
        length = -1;
      }
    }
  }
  if (length > kMaxMessage) {
    in_.ignore(length);
    return absl::ResourceExhaustedError(
        absl::StrCat("a message of ", length, " bytes; at most ", kMaxMessage, " are read"));
  }
  if (length < 0) {
    return malformed.ok() ? absl::InvalidArgumentError("a header without Content-Length")
                          : malformed;
  }
  std::string content(length, '\0');
  in_.read(&content[0], length);
  if (in_.gcount() < length) return std::nullopt;  // the input ends within the message
  if (!malformed.ok()) return malformed;
  return content;
}

void WriteMessage(std::ostream& out, absl::string_view message) {
  out << "Content-Length: " << message.size() << "\r\n\r\n" << message << std::flush;
}

}  // namespace nasc::lsp
