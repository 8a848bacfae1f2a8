#include "lsp/position.h"

#include <algorithm>
#include <utility>

namespace nasc::lsp {
namespace {

bool BeginsCodePoint(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Code points above U+FFFF take two UTF-16 units; they are the ones of four bytes.
int Utf16Units(char lead) { return static_cast<unsigned char>(lead) >= 0xF0 ? 2 : 1; }

// UTF-16 units of the first `points` code points of a line.
int UnitsOf(absl::string_view line, int points) {
  int units = 0;
  for (const char byte : line) {
    if (!BeginsCodePoint(byte)) continue;
    if (points-- <= 0) break;
    units += Utf16Units(byte);
  }
  return units;
}

// The byte of a line at which so many code points are behind.
size_t ByteOf(absl::string_view line, int points) {
  size_t i = 0;
  for (; i < line.size(); ++i) {
    if (BeginsCodePoint(line[i]) && points-- <= 0) break;
  }
  return i;
}

// The byte of a line at which so many units are behind; inside a code point, its start.
size_t ByteOfUnit(absl::string_view line, int units) {
  size_t i = 0;
  for (; i < line.size(); ++i) {
    if (!BeginsCodePoint(line[i])) continue;
    units -= Utf16Units(line[i]);
    if (units < 0) break;
  }
  return i;
}

}  // namespace

Range RangeOf(const Location& location) {
  if (!location.known() || location.line < 1) return {};
  const absl::string_view line = location.file->Line(location.line);
  const int first = std::max(0, location.column - 1);
  const int row = location.line - 1;
  return {{row, UnitsOf(line, first)}, {row, UnitsOf(line, first + std::max(0, location.length))}};
}

Location PlaceOf(std::shared_ptr<const SourceFile> file, Position position) {
  const int line = std::max(0, position.line) + 1;
  const absl::string_view text = file->Line(line);
  const size_t bytes = ByteOfUnit(text, std::max(0, position.character));
  const auto points = std::count_if(text.begin(), text.begin() + bytes, BeginsCodePoint);
  return {std::move(file), line, static_cast<int>(points) + 1, 1};
}

size_t OffsetOf(absl::string_view text, Position position) {
  size_t begin = 0;
  for (int line = 0; line < position.line; ++line) {
    const size_t end = text.find('\n', begin);
    if (end == absl::string_view::npos) return text.size();
    begin = end + 1;
  }
  size_t end = std::min(text.find('\n', begin), text.size());
  if (end > begin && text[end - 1] == '\r') --end;
  return begin + ByteOfUnit(text.substr(begin, end - begin), std::max(0, position.character));
}

absl::string_view TextOf(const Location& location) {
  if (!location.known()) return "";
  const absl::string_view line = location.file->Line(location.line);
  const size_t begin = ByteOf(line, location.column - 1);
  return line.substr(begin, ByteOf(line.substr(begin), location.length));
}

}  // namespace nasc::lsp
