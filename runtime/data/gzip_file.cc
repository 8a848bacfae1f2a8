#include "runtime/data/gzip_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nasc {

absl::StatusOr<GzipFile> GzipFile::Open(absl::string_view path) {
  GzipFile file{std::string(path)};
  errno = 0;
  file.file_.reset(gzopen(file.path_.c_str(), "rb"));
  if (file.file_ == nullptr) {
    const std::string message = absl::StrCat(path, ": cannot open: ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  gzbuffer(file.file_.get(), 1 << 17);
  return file;
}

absl::StatusOr<int64_t> GzipFile::Read(void* out, int64_t size) {
  int64_t done = 0;
  while (done < size) {
    const int64_t chunk = std::min<int64_t>(size - done, 1 << 20);
    const int count =
        gzread(file_.get(), static_cast<char*>(out) + done, static_cast<unsigned>(chunk));
    if (count > 0) done += count;
    // zlib reports a stream that ends early only here, not in the count.
    int code = Z_OK;
    absl::string_view reason = gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR) {
      if (count > 0) continue;  // It ends early, but what it holds is not all handed out.
      return absl::DataLossError(absl::StrCat(path_, ": truncated: its gzip stream ends early, ",
                                              "after ", read_ + done, " bytes of content"));
    }
    if (code != Z_OK && code != Z_STREAM_END) {
      reason = absl::StripPrefix(reason, absl::StrCat(path_, ": "));
      if (code == Z_ERRNO) {
        return absl::UnavailableError(absl::StrCat(path_, ": cannot read: ", reason));
      }
      return absl::DataLossError(absl::StrCat(path_, ": corrupt gzip stream: ", reason));
    }
    if (count <= 0) break;
  }
  read_ += done;
  return done;
}

}  // namespace nasc
