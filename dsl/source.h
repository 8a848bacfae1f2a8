#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// The text of one file and the path that messages give for it.
class SourceFile {
 public:
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  const std::string& text() const { return text_; }

  // The text of a line (counted from 1) without its end; empty where there is no such line.
  absl::string_view Line(int line) const;

 private:
  std::string path_;
  std::string text_;
  std::vector<size_t> line_starts_;
};

// A piece of a line of a file. Lines and columns count from 1; columns count code points.
struct Location {
  std::shared_ptr<const SourceFile> file;
  int line = 0;
  int column = 0;
  int length = 1;

  bool known() const { return file != nullptr; }
};

// "darts.space:33:10", or "" where nothing is known.
std::string ToString(const Location& location);

// The byte offset of the first byte that is not UTF-8, or npos.
size_t FindInvalidUtf8(absl::string_view text);

}  // namespace nasc
