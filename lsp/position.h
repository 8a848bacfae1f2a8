#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "dsl/source.h"

// The protocol counts lines from 0 and columns in UTF-16 code units; the compiler counts both from
// 1 and columns in code points; texts are bytes of UTF-8.
namespace nasc::lsp {

struct Position {
  int line = 0;       // from 0
  int character = 0;  // UTF-16 code units from 0

  friend bool operator==(const Position& a, const Position& b) {
    return a.line == b.line && a.character == b.character;
  }
  friend bool operator<(const Position& a, const Position& b) {
    return a.line < b.line || (a.line == b.line && a.character < b.character);
  }
};

struct Range {
  Position start;
  Position end;
};

// Where a location lies in its file; the start of nothing where it is not known.
Range RangeOf(const Location& location);

// The place of a position, a code point long. What lies behind the end of a line is its end, what
// lies behind the last line the end of the text.
Location PlaceOf(std::shared_ptr<const SourceFile> file, Position position);

// The byte at which a position begins, bounded in the same way.
size_t OffsetOf(absl::string_view text, Position position);

// The bytes of a location's line that it covers.
absl::string_view TextOf(const Location& location);

}  // namespace nasc::lsp
