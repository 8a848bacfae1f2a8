// Files of values between separators, a record a line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/data/gzip_file.h"

namespace nasc {

// The longest line that is read, in bytes.
constexpr int64_t kMaxCsvLine = int64_t{1} << 20;

// Reads a CSV or TSV file, gzip-compressed or plain. A tab separates where the name ends in .tsv or
// .tsv.gz; elsewhere it is what the first line has most of: commas, semicolons or tabs. A value may
// stand in double quotes, in which two of them are one (RFC 4180), but it ends on its line. Spaces
// around values, empty lines and a byte order mark do not count.
class CsvReader {
 public:
  // Errors: those of GzipFile.
  static absl::StatusOr<CsvReader> Open(absl::string_view path);

  // Reads the next record; false at the end of the file. Errors begin with "path:line: ": a line
  // longer than kMaxCsvLine, a quote that does not end; and those of GzipFile.
  absl::StatusOr<bool> Next(std::vector<std::string>& values);

  // "path:line" of the record that Next gave.
  std::string place() const;

 private:
  explicit CsvReader(GzipFile file) : file_(std::move(file)) {}

  // Reads a line without its end; false at the end of the file.
  absl::StatusOr<bool> ReadLine();
  absl::Status SplitLine(std::vector<std::string>& values) const;

  GzipFile file_;
  std::string buffer_;  // What was read of the file and not yet handed out, from begin_.
  size_t begin_ = 0;
  std::string line_;
  int64_t number_ = 0;     // Of the line, from 1.
  char separator_ = '\0';  // As soon as it is known.
};

}  // namespace nasc
