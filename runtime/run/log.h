// Where LOG lines go: to a file of the run.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "runtime/run/file_descriptor.h"

namespace nasc {

// Sets glog up for a program with users: only errors reach stderr, no files are written but those
// of a RunLog, no signal is handled, and a failed CHECK aborts after its message without a stack
// trace. Calls after the first do nothing.
void InitLogging(const char* argv0);

// Adds each line that any thread LOGs to FOLDER/log.txt, while it lives:
// "2024-05-06 07:08:09.123 INFO message". What the file held stays. A line that cannot be written,
// say to a full disk, is lost without a word.
class RunLog : private google::LogSink {
 public:
  // "cannot open FOLDER/log.txt: reason", with the status code of the system's error, on an error.
  // Unavailable where another one is open: two processes cannot go on with the same run.
  static absl::StatusOr<std::unique_ptr<RunLog>> Open(const std::string& folder);

  // Whether one is open, in this process or another.
  static bool IsOpen(const std::string& folder);

  ~RunLog() override;
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

 private:
  explicit RunLog(FileDescriptor file);

  using google::LogSink::send;
  void send(google::LogSeverity severity, const char* full_filename, const char* base_filename,
            int line, const google::LogMessageTime& time, const char* message,
            size_t message_len) override;

  FileDescriptor file_;
};

}  // namespace nasc
