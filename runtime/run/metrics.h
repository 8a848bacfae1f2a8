// What a run measures, as JSON lines.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/run/file_descriptor.h"
#include "runtime/run/json.h"

namespace nasc {

// A file of JSON objects, one a line (metrics.jsonl), that only grows. Other programs can read it
// at any time: every line is handed to the system when Append returns, and there is never half a
// line after an error. (Killed while it writes one, a program may leave half a line; the next Open
// removes it.) For one writer.
class MetricsLog {
 public:
  // Opens or creates the file; what it holds stays, but for an unfinished last line. Errors are
  // "cannot open PATH: reason", with the status code of the system's error.
  static absl::StatusOr<MetricsLog> Open(const std::string& path);

  // Adds a line. On an error, "cannot write PATH: reason", the file is as before, or, should that
  // fail too, becomes so before the next line is written.
  absl::Status Append(const JsonFields& fields);

  // Brings what was appended to the disk, for what is written later and tells of it. "cannot write
  // PATH: reason" on an error.
  absl::Status Sync();

  // Cuts the file back to a length that it had. On an error it is as before.
  absl::Status Truncate(int64_t length);

  const std::string& path() const { return path_; }
  int64_t length() const { return length_; }  // bytes, of the whole lines

 private:
  MetricsLog(std::string path, FileDescriptor file, int64_t length)
      : path_(std::move(path)), file_(std::move(file)), length_(length) {}

  std::string path_;
  FileDescriptor file_;
  int64_t length_;      // Of the whole lines.
  bool dirty_ = false;  // The file may be longer than that.
};

}  // namespace nasc
