#include "runtime/run/log.h"

#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace nasc {
namespace {

// Ends the program after a fatal message. glog would do so too, but not before it announced a stack
// trace, and there is no option against that.
class AbortAfterFatal : public google::LogSink {
 public:
  using google::LogSink::send;
  void send(google::LogSeverity severity, const char*, const char*, int,
            const google::LogMessageTime&, const char*, size_t) override {
    if (severity == google::GLOG_FATAL) fatal_ = true;
  }

  // Called when all sinks have the message.
  void WaitTillSent() override {
    if (fatal_) std::abort();
  }

 private:
  std::atomic<bool> fatal_{false};
};

std::string LogPath(const std::string& folder) { return absl::StrCat(folder, "/log.txt"); }

}  // namespace

void InitLogging(const char* argv0) {
  if (google::IsGoogleLoggingInitialized()) return;
  for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity) {
    google::SetLogDestination(severity, "");  // No file.
  }
  FLAGS_stderrthreshold = google::GLOG_ERROR;
  // glog keeps both for as long as the program runs.
  static const std::string& name = *new std::string(argv0);
  google::InitGoogleLogging(name.c_str());
  google::AddLogSink(new AbortAfterFatal);
}

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::Open(const std::string& folder) {
  const std::string path = LogPath(folder);
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.ok()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  // File systems that know no locks do without.
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return absl::UnavailableError(absl::StrCat(folder, " is in use by another process"));
  }
  return std::unique_ptr<RunLog>(new RunLog(std::move(file)));
}

bool RunLog::IsOpen(const std::string& folder) {
  const FileDescriptor file(open(LogPath(folder).c_str(), O_RDONLY | O_CLOEXEC));
  return file.ok() && flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

RunLog::RunLog(FileDescriptor file) : file_(std::move(file)) { google::AddLogSink(this); }

RunLog::~RunLog() { google::RemoveLogSink(this); }

void RunLog::send(google::LogSeverity severity, const char*, const char*, int,
                  const google::LogMessageTime& time, const char* message, size_t message_len) {
  // One call, so that the lines of different threads stay whole.
  WriteAll(file_.get(),
           absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%03d %s %s\n", time.year() + 1900,
                           time.month() + 1, time.day(), time.hour(), (time.min)(), time.sec(),
                           time.usec() / 1000, google::GetLogSeverityName(severity),
                           absl::string_view(message, message_len)));
}

}  // namespace nasc
