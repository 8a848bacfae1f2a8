#include "runtime/run/metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/run/atomic_file.h"

namespace nasc {

absl::StatusOr<MetricsLog> MetricsLog::Open(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.ok()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const absl::StatusOr<std::string> contents = ReadFileToString(path);
  if (!contents.ok()) return contents.status();
  const auto length = static_cast<int64_t>(contents->rfind('\n') + 1);  // npos + 1 is 0.
  if (length != static_cast<int64_t>(contents->size()) && ftruncate(file.get(), length) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  return MetricsLog(path, std::move(file), length);
}

absl::Status MetricsLog::Append(const JsonFields& fields) {
  const std::string line = absl::StrCat(JsonLine(fields), "\n");
  if ((dirty_ && ftruncate(file_.get(), length_) != 0) || !WriteAll(file_.get(), line)) {
    const int error = errno;
    dirty_ = ftruncate(file_.get(), length_) != 0;
    return absl::ErrnoToStatus(error, absl::StrCat("cannot write ", path_));
  }
  dirty_ = false;
  length_ += static_cast<int64_t>(line.size());
  return absl::OkStatus();
}

absl::Status MetricsLog::Sync() {
  if (fdatasync(file_.get()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_));
}

absl::Status MetricsLog::Truncate(int64_t length) {
  if (length > length_) {
    return absl::DataLossError(absl::StrCat(path_, " has ", length_, " bytes; it had ", length));
  }
  if (ftruncate(file_.get(), length) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot shorten ", path_));
  }
  length_ = length;
  return absl::OkStatus();
}

}  // namespace nasc
